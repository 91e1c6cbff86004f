/** The jobs that the benchmark times: text for the compiler, and one prepared batch of data that needs no files. */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { check, floatStep, trainingStep } from '../packages/dsl/dist/src/index.js';
import { inputsOf } from '../packages/ir/dist/src/index.js';
import { noise } from './measure.mjs';

/** `target`: largest ratio of step times, canonical over plain f32. `steps`: of one timed call. */
export const WORKLOADS = [
  {
    name: '784-128-10 batch 64',
    widths: [784, 128, 10],
    batch: 64,
    kind: 'classes',
    rate: 0.1,
    steps: 200,
    target: 2.0,
  },
  {
    name: '784-512-512-10 batch 128',
    widths: [784, 512, 512, 10],
    batch: 128,
    kind: 'classes',
    rate: 0.1,
    steps: 30,
    target: 1.4,
  },
  {
    name: '1024x3 batch 256',
    widths: [1024, 1024, 1024, 1024],
    batch: 256,
    kind: 'floats',
    rate: 0.01,
    steps: 8,
    target: 1.1,
  },
  {
    name: '1024-4096-1024 batch 1024',
    widths: [1024, 4096, 1024],
    batch: 1024,
    kind: 'floats',
    rate: 0.01,
    steps: 2,
    target: 0.75,
  },
  { name: 'fashion-cnn', example: 'fashion-cnn', batch: 64, steps: 8, target: 1.8 },
  { name: 'moby-gpt', example: 'moby-gpt', batch: 16, steps: 1, target: 2.0 },
];

/** The workload as a job: an example's, or a network of linear layers. */
export function jobOf({ example, widths, batch, kind, rate }) {
  if (example) return readFileSync(new URL(`../examples/${example}/job.gml`, import.meta.url), 'utf8');
  const [inputs, outputs] = [widths[0], widths.at(-1)];
  const hidden = widths.slice(1, -1).map((n) => `  let h = relu(linear(h, ${n}))\n`);
  const columns =
    kind === 'classes'
      ? `  x: f32[${inputs}] = "x.npy" / 255\n  y: class[${outputs}] = "y.npy"\n`
      : `  x: f32[${inputs}] = "x.npy"\n  y: f32[${outputs}] = "y.npy"\n`;
  return (
    `data set {\n${columns}}\n\n` +
    `model network(x: f32[n, ${inputs}]) -> f32[n, ${outputs}] {\n  let h = x\n${hidden.join('')}  linear(h, ${outputs})\n}\n\n` +
    `train {\n  model = network(set.x)\n  loss = ${kind === 'classes' ? 'cross_entropy' : 'mse'}(model, set.y)\n` +
    `  optimizer = sgd(lr = ${rate})\n  batch = ${batch}\n  steps = 1000\n  seed = 1\n}\n`
  );
}

/** The data sets of a program with the ranges of bytes, classes and roughly normal numbers; no values. */
function datasetsOf(program) {
  return program.datasets.map((dataset) => ({
    name: dataset.name,
    rows: program.batch,
    root: '',
    columns: dataset.columns.map(({ name, type, shape, classes, divisor, offset }) => {
      const bytes = divisor === 255;
      const whole = type !== 'f32' || bytes;
      return {
        name,
        type,
        storage: bytes ? 'u8' : type === 'f32' ? 'f32' : 'i32',
        shape,
        file: name,
        bytes: 0,
        dims: [program.batch, ...shape],
        start: 0,
        stride: 1,
        root: '',
        min: whole ? 0 : -4,
        max: bytes ? 255 : type === 'f32' ? 4 : classes - 1,
        tiny: whole ? 1 : 2 ** -30,
        quantum: whole ? 1 : 2 ** -30,
        flushed: 0,
        divisor,
        offset,
        ...(classes ? { classes } : {}),
      };
    }),
  }));
}

/** The canonical graph and the float model of the workload, as the compiler writes them. */
export function compiled(workload) {
  const { program, diagnostics } = check({ path: 'bench.gml', text: jobOf(workload) }, () => undefined);
  if (!program) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const datasets = datasetsOf(program);
  return { graph: trainingStep(program, datasets), float: floatStep(program, datasets) };
}

/** Values for every input of the graph: weights as at the start, `steps` batches. */
export function feedsOf(graph, steps) {
  const { uniform, normal } = noise(42);
  const feeds = {};
  for (const { node } of inputsOf(graph)) {
    const { source, type, range } = node;
    const state = source.kind === 'state';
    const shape = state ? [...type.shape] : [steps, ...type.shape];
    const length = shape.reduce((a, b) => a * b, 1);
    const value = !state
      ? range.quantum >= 1
        ? () => Math.floor(uniform() * (range.hi + 1))
        : () => Math.round(normal() * 2 ** 20) * 2 ** -20
      : source.init.kind === 'uniform'
        ? () => (Math.floor(uniform() * 2 ** 24) * 2 ** -23 - 1) * source.init.bound
        : () => source.init.value;
    feeds[node.name] =
      type.dtype === 'f32'
        ? new ort.Tensor('float32', Float32Array.from({ length }, value), shape)
        : new ort.Tensor('int32', Int32Array.from({ length }, value), shape);
  }
  return feeds;
}

/** Values for a model written by hand (mlp-float.mjs). */
export function handFeeds({ widths, batch, kind, steps }) {
  const { uniform, normal } = noise(42);
  const f32 = (shape, value) =>
    new ort.Tensor('float32', Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value), shape);
  const feeds = {
    x: f32([steps, batch, widths[0]], kind === 'classes' ? () => Math.floor(uniform() * 256) : normal),
  };
  const outputs = widths.at(-1);
  feeds.y =
    kind === 'classes'
      ? new ort.Tensor(
          'int32',
          Int32Array.from({ length: steps * batch }, () => Math.floor(uniform() * outputs)),
          [steps, batch, 1],
        )
      : f32([steps, batch, outputs], normal);
  for (let i = 0; i + 1 < widths.length; i++) {
    const bound = 1 / Math.sqrt(widths[i]);
    feeds[`w${i}`] = f32([widths[i], widths[i + 1]], () => (uniform() * 2 - 1) * bound);
    feeds[`b${i}`] = f32([1, widths[i + 1]], () => 0);
  }
  return feeds;
}
