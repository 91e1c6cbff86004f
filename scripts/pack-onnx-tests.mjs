/**
 * `node scripts/pack-onnx-tests.mjs <folder>...`: packs the ONNX project's tests of single operators (node, pytorch-converted and
 * pytorch-operator in onnx/backend/test/data of its Python package) into packages/dsl/test/import/onnx-node-tests.tar.br: those whose operators can be imported, but for a few large ones.
 */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { decodeTensor } from '../packages/ir/dist/src/index.js';
import { importedOperator } from '../packages/dsl/dist/src/import/operators/index.js';
import { checkSupported, readNetwork } from '../packages/dsl/dist/src/import/network.js';
import { readTensor } from '../packages/dsl/dist/src/import/read-tensor.js';

const LARGEST = 100_000;
const [, , ...folders] = process.argv;
if (folders.length === 0) throw new Error('name the folders of the tests');
const out = fileURLToPath(new URL('../packages/dsl/test/import/onnx-node-tests.tar.br', import.meta.url));

function filesOf(path) {
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)]));
}

/** Whether its operators, types and data can be imported. */
function fits(files) {
  if (files.reduce((sum, file) => sum + statSync(file).size, 0) > LARGEST) return false;
  try {
    for (const file of files) {
      const bytes = readFileSync(file);
      if (file.endsWith('.pb')) readTensor(decodeTensor(bytes));
      else {
        const network = readNetwork({ bytes }, (op) => importedOperator(op) !== undefined);
        checkSupported(network, network.outputs);
      }
    }
    return true;
  } catch {
    return false;
  }
}

/** A ustar header: name, size, and nothing of this machine. */
function header(name, size) {
  const block = Buffer.alloc(512);
  const cut = name.length > 99 ? name.indexOf('/') : -1;
  block.write(name.slice(cut + 1), 0, 'latin1');
  block.write(
    '0000644\0' + '0000000\0'.repeat(2) + `${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`,
    100,
  );
  block.write(' '.repeat(8) + '0', 148);
  block.write('ustar\0' + '00', 257);
  if (cut > 0) block.write(name.slice(0, cut), 345);
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const parts = [];
let tests = 0;
for (const folder of folders) {
  for (const test of readdirSync(folder).sort()) {
    const files = filesOf(join(folder, test));
    if (!fits(files)) continue;
    tests++;
    for (const file of files) {
      const bytes = readFileSync(file);
      parts.push(header(file.slice(folder.replace(/\/?$/, '/').length), bytes.length), bytes);
      parts.push(Buffer.alloc((512 - (bytes.length % 512)) % 512));
    }
  }
}
const tar = Buffer.concat([...parts, Buffer.alloc(1024)]);
const packed = brotliCompressSync(tar, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: tar.length,
  },
});
writeFileSync(out, packed);
console.log(`${tests} tests, ${packed.length} bytes`);
