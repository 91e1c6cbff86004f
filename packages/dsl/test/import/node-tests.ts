/** The backend tests of the ONNX project for single operators: models, inputs and outputs, read from one packed file. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { decodeTensor, type TensorValue } from '@gensyn/ir';
import { readNetwork } from '../../src/import/network.js';
import { importedOperator } from '../../src/import/operators/index.js';
import { readTensor } from '../../src/import/read-tensor.js';
import type { Known } from '../../src/import/value.js';
import { build, canonical } from './run-network.js';

export interface NodeTest {
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** `passes` with what was computed in the step, or why not. */
export type Outcome =
  | 'passes'
  | 'passes, first operand in the step'
  | 'passes, constants only'
  | 'inputs or results are not finite'
  | 'differs'
  | 'draws random numbers of its own'
  | `refused: ${string}`;

/** Members of an uncompressed ustar archive of plain files. */
function* members(tar: Uint8Array): Generator<{ name: string; bytes: Uint8Array }> {
  const text = (from: number, length: number): string =>
    Buffer.from(tar.subarray(from, from + length))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const prefix = text(at + 345, 155);
    const size = parseInt(text(at + 124, 12), 8);
    yield {
      name: `${prefix}${prefix && '/'}${text(at, 100)}`,
      bytes: tar.subarray(at + 512, at + 512 + size),
    };
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

const PACKED = fileURLToPath(new URL('../../../test/import/onnx-node-tests.tar.br', import.meta.url));

export function nodeTests(): NodeTest[] {
  const tests = new Map<string, { model?: Uint8Array; inputs: Uint8Array[]; outputs: Uint8Array[] }>();
  for (const { name, bytes } of members(brotliDecompressSync(readFileSync(PACKED)))) {
    const [test = '', file = '', data = ''] = name.split('/');
    const entry = tests.get(test) ?? { inputs: [], outputs: [] };
    tests.set(test, entry);
    const [, kind, place] = /^(input|output)_(\d+)\.pb$/.exec(data) ?? [];
    if (file === 'model.onnx') entry.model = bytes;
    else if (kind) entry[kind === 'input' ? 'inputs' : 'outputs'][Number(place)] = bytes;
  }
  return [...tests].map(([name, { model, inputs, outputs }]) => ({ name, model: model!, inputs, outputs }));
}

/** Within the suite's own tolerance, or within 1e-5 of the largest element, which is what digits of 8 bits are bound to. */
export function agrees(wanted: Known, got: TensorValue): boolean {
  if (wanted.shape.join() !== got.shape.join()) return false;
  const scale = wanted.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
  return wanted.data.every((x, i) => {
    const difference = Math.abs(got.data[i]! - x);
    return difference <= 1e-5 * scale || difference <= 1e-3 * Math.abs(x) + 1e-7;
  });
}

const code = (error: unknown): string | undefined => (error as { code?: string }).code;

/** Imports the model and runs it through its canonical graph. Throws what is no refusal. */
export function outcomeOf(test: NodeTest): Outcome {
  const inputs = test.inputs.map((bytes) => readTensor(decodeTensor(bytes)));
  const finite = inputs.every(({ data }) => data.every(Number.isFinite));
  const file = { bytes: test.model, external: () => new Uint8Array(0) };
  const constant: readonly [Outcome, (arg: Known) => boolean][] = [
    ['passes', (arg) => arg.type !== 'f32' || arg.shape.length === 0],
    ['passes, first operand in the step', (arg) => arg.type !== 'f32' || arg !== inputs[0]],
    ['passes, constants only', () => true],
  ];
  let refusal: Outcome = 'differs';
  for (const [outcome, isConstant] of constant) {
    try {
      const network = readNetwork(file, (op) => importedOperator(op) !== undefined);
      const { outputs, leaves } = build(network, inputs, isConstant);
      const got = canonical(outputs, leaves);
      const wanted = test.outputs.map((bytes) => readTensor(decodeTensor(bytes)));
      if (wanted.every((each, i) => agrees(each, got[i]!))) return outcome;
      const proper = wanted.every(({ data }) => data.every(Number.isFinite));
      return finite && proper ? 'differs' : 'inputs or results are not finite';
    } catch (error) {
      if (!/^[LG]\d{4}$/.test(code(error) ?? '')) throw error;
      if (/'dropout\./.test((error as Error).message)) return 'draws random numbers of its own';
      if (!finite && code(error) === 'L0902') return 'inputs or results are not finite';
      refusal = `refused: ${code(error)} ${(error as Error).message}`;
      if (code(error) !== 'L0814') return refusal;
    }
  }
  return refusal;
}
