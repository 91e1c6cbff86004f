/**
 * Makes WebGPU work on a machine without a GPU, for tests: unpacks SwiftShader, a Vulkan driver in software, from @sparticuz/chromium.
 * As a module: `swiftshader()` gives the environment that a child process needs. As a program: prints it as `NAME=value` lines.
 * Linux x64 only.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, '.cache', 'swiftshader');

/** Environment variables for a child process, or undefined where SwiftShader is not to be had. */
export function swiftshader() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  if (!fs.existsSync(path.join(folder, 'complete')) && !unpack()) return undefined;
  const driver = fs.readdirSync(folder).find((name) => name.endsWith('.json'));
  if (!driver) return undefined;
  const runtime = process.env.XDG_RUNTIME_DIR ?? fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-xdg-'));
  return {
    VK_DRIVER_FILES: path.join(folder, driver),
    VK_ICD_FILENAMES: path.join(folder, driver),
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: runtime,
  };
}

function unpack() {
  let archive;
  try {
    const require = createRequire(path.join(root, 'package.json'));
    // The package's entry lies in build/; its archives in bin/ beside it.
    let at = path.dirname(require.resolve('@sparticuz/chromium'));
    while (!fs.existsSync(path.join(at, 'bin', 'swiftshader.tar.br'))) {
      if (at === path.dirname(at)) return false;
      at = path.dirname(at);
    }
    archive = fs.readFileSync(path.join(at, 'bin', 'swiftshader.tar.br'));
  } catch {
    return false;
  }
  fs.mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of entries(brotliDecompressSync(archive)))
    fs.writeFileSync(path.join(folder, path.basename(name)), bytes);
  fs.writeFileSync(path.join(folder, 'complete'), '');
  return true;
}

/** Plain files of a tar archive (POSIX 1003.1, ustar). */
function* entries(tar) {
  for (let at = 0; at + 512 <= tar.length;) {
    const header = tar.subarray(at, at + 512);
    const name = header.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '');
    if (name === '') return;
    const size = parseInt(header.subarray(124, 136).toString('latin1'), 8);
    const kind = String.fromCharCode(header[156]);
    if (kind === '0' || kind === '\0') yield { name, bytes: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const environment = swiftshader();
  if (!environment) {
    process.stderr.write('SwiftShader is not available here\n');
    process.exitCode = 1;
  } else for (const [name, value] of Object.entries(environment)) process.stdout.write(`${name}=${value}\n`);
}
