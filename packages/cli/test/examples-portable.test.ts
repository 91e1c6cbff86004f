/**
 * job.onnx needs none of this project to run: onnxruntime itself, with graph optimisation off, feeds each step's outputs back as the next
 * step's inputs and reaches the recorded state. From the project come only the definitions: the order of the rows, and the hash.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { batchOrder, rootsOf, type DType, type Manifest, type State, type TensorData } from '@gensyn/ir';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { compileExample, goldenOf } from './example.js';

function open(file: string): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}

const STORAGE = { u8: Uint8Array, i32: Int32Array, f32: Float32Array };

/** Inputs of a step by name `<data set>.<column>`, as the order of the rows picks them from the column files. */
function batchInputs(folder: string, manifest: Manifest): (step: number) => Record<string, ort.Tensor> {
  const { seed, batch } = manifest;
  const columns = manifest.datasets.flatMap((set, i) => {
    const order = batchOrder(seed, batch, set.rows, i === 0 ? manifest.holdoutRows : 0);
    return set.columns.map((column) => {
      const bytes = fs.readFileSync(path.join(folder, column.file));
      const stored = new STORAGE[column.storage](
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      );
      return { name: `${set.name}.${column.name}`, column, order, stored };
    });
  });
  return (step) =>
    Object.fromEntries(
      columns.map(({ name, column, order, stored }) => {
        const width = column.shape.reduce((a, b) => a * b, 1);
        const rows = [...order.training(step)].flatMap((row) => [
          ...stored.subarray(column.start + row * column.stride).subarray(0, width),
        ]);
        const dims = [batch, ...column.shape];
        return [
          name,
          column.dtype === 'f32'
            ? new ort.Tensor('float32', Float32Array.from(rows), dims)
            : new ort.Tensor('int32', Int32Array.from(rows), dims),
        ];
      }),
    );
}

/** State root after so many steps. */
async function runBare(folder: string, manifest: Manifest, steps: number): Promise<string> {
  const initial = await open(path.join(folder, 'init.onnx'));
  const session = await open(path.join(folder, 'job.onnx'));
  const inputs = batchInputs(folder, manifest);
  let state: Record<string, ort.Tensor> = { ...(await initial.run({})) };
  for (let step = 0; step < steps; step++) {
    const feeds = { ...state, ...inputs(step) };
    const results = await session.run(
      Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])),
    );
    state = Object.fromEntries(manifest.state.map(({ name }) => [name, results[`next.${name}`]!]));
  }
  await session.release();
  await initial.release();
  return rootOf(state, manifest);
}

function rootOf(tensors: Record<string, ort.Tensor>, manifest: Manifest): string {
  const state: State = new Map(
    manifest.state.map(({ name, dtype }) => [
      name,
      { dtype: dtype satisfies DType, shape: tensors[name]!.dims, data: tensors[name]!.data as TensorData },
    ]),
  );
  return rootsOf(state).root;
}

describe('job.onnx in bare onnxruntime', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-portable-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const name of ['digits', 'names', 'iris']) {
    it(`${name}: the state of the first checkpoint, step by step`, async () => {
      const { manifest } = await compileExample(name, path.join(folder, name));
      const { states } = goldenOf(name);
      expect(await runBare(path.join(folder, name), manifest, 0)).to.equal(states['0']);
      expect(await runBare(path.join(folder, name), manifest, manifest.checkpointEvery)).to.equal(
        states[manifest.checkpointEvery],
      );
    });
  }
});
