/** What is known of a device: whether it is there, and whether it computes the right bits. Asked in a child process and remembered. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperatorName } from '@gensyn/ir';
import type { DeviceName } from './device.js';
import { loadRuntime } from './onnxruntime.js';
import type { OperatorResult } from './probe.js';
import { PROBE_VERSION } from './probe-cases.js';

export interface Conformance {
  readonly device: DeviceName;
  /** Why the device cannot be used at all; undefined when it runs. */
  readonly missing?: string;
  readonly results: readonly OperatorResult[];
  /** Operators to run on the processor instead: division and square root, where this GPU only approximates them. */
  readonly onProcessor: readonly OperatorName[];
  /** Operators that differ and for which there is no way out. */
  readonly failing: readonly OperatorName[];
  readonly conforming: boolean;
}

/** Operators that WGSL lets a GPU approximate. */
const REPLACEABLE: readonly OperatorName[] = ['Div', 'Sqrt'];

export function judge(device: DeviceName, results: readonly OperatorResult[]): Conformance {
  const wrong = results.filter(({ different }) => different > 0).map(({ operator }) => operator);
  const onProcessor = device === 'webgpu' ? wrong.filter((operator) => REPLACEABLE.includes(operator)) : [];
  const failing = wrong.filter((operator) => !onProcessor.includes(operator));
  return { device, results, onProcessor, failing, conforming: failing.length === 0 };
}

/**
 * Probes a device, or recalls the result for the same device, driver and software. The child process keeps a driver's
 * crash and its chatter away from this one. @param fresh asks anew
 */
export async function conformanceOf(
  device: DeviceName,
  options: { readonly fresh?: boolean } = {},
): Promise<Conformance> {
  const file = path.join(cacheFolder(), 'devices', `${await keyOf(device)}.json`);
  if (!options.fresh) {
    const known = recall(file);
    if (known) return known;
  }
  const found = await ask(device);
  // A device that is missing now may be plugged in, or its driver installed, a minute later.
  if (found.missing === undefined) remember(file, found);
  return found;
}

function ask(device: DeviceName): Promise<Conformance> {
  const child = fileURLToPath(new URL('./probe-child.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [child, device], { timeout: 120_000, maxBuffer: 2 ** 22 }, (error, stdout) => {
      const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
      try {
        if (line !== undefined) return resolve(JSON.parse(line) as Conformance);
      } catch {
        // Treated like a crash.
      }
      const how = error?.killed
        ? 'did not answer within two minutes'
        : `ended with ${error?.signal ?? `exit code ${String(error?.code ?? 0)}`}`;
      resolve({
        device,
        missing: `its probe ${how}`,
        results: [],
        onProcessor: [],
        failing: [],
        conforming: false,
      });
    });
  });
}

/** What the results depend on, as far as it can be seen from here. */
async function keyOf(device: DeviceName): Promise<string> {
  const runtime = await loadRuntime();
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const facts = [
    PROBE_VERSION,
    runtime.env.versions.node,
    process.platform,
    process.arch,
    os.release(),
    os.hostname(),
    os.cpus()[0]?.model,
    VK_DRIVER_FILES,
    VK_ICD_FILENAMES,
    driverText(),
  ];
  return `${device}-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 24)}`;
}

function driverText(): string | undefined {
  try {
    return fs.readFileSync('/proc/driver/nvidia/version', 'utf8');
  } catch {
    return undefined;
  }
}

/** Where this system keeps what can be computed again. */
export function cacheFolder(): string {
  const { GENSYN_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (GENSYN_CACHE) return GENSYN_CACHE;
  if (process.platform === 'win32') return path.join(LOCALAPPDATA ?? os.tmpdir(), 'gensyn', 'cache');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'gensyn');
  return path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'gensyn');
}

function recall(file: string): Conformance | undefined {
  try {
    const known = JSON.parse(fs.readFileSync(file, 'utf8')) as Conformance;
    return Array.isArray(known.results) && typeof known.conforming === 'boolean' ? known : undefined;
  } catch {
    return undefined;
  }
}

function remember(file: string, found: Conformance): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify(found));
    fs.renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Without a cache the probe runs each time.
  }
}
