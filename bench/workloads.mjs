/** The jobs that the benchmark times, with inputs. */
import ort from 'onnxruntime-node';
import { noise } from './measure.mjs';

export const WORKLOADS = [
  { name: '784-128-10 batch 64', widths: [784, 128, 10], batch: 64, bytes: true, rate: 0.1, steps: 200, target: 2.0 },
  { name: '784-512-512-10 batch 128', widths: [784, 512, 512, 10], batch: 128, bytes: true, rate: 0.1, steps: 30, target: 1.4 },
  { name: '1024x3 batch 256', widths: [1024, 1024, 1024, 1024], batch: 256, bytes: false, rate: 0.01, loss: 'mse', steps: 8, target: 1.1 },
  { name: '1024-4096-1024 batch 1024', widths: [1024, 4096, 1024], batch: 1024, bytes: false, rate: 0.01, loss: 'mse', steps: 2, target: 0.75 },
];

/** State and `steps` batches as onnxruntime tensors. */
export function feedsOf({ widths, batch, bytes, loss, steps }) {
  const { uniform, normal } = noise(42);
  const f32 = (shape, value) => new ort.Tensor('float32', Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value), shape);
  const feeds = { x: f32([steps, batch, widths[0]], bytes ? () => Math.floor(uniform() * 256) : normal) };
  const classes = widths.at(-1);
  feeds.y =
    loss === 'mse'
      ? f32([steps, batch, classes], normal)
      : new ort.Tensor('int32', Int32Array.from({ length: steps * batch }, () => Math.floor(uniform() * classes)), [steps, batch, 1]);
  for (let i = 0; i + 1 < widths.length; i++) {
    const bound = 1 / Math.sqrt(widths[i]);
    feeds[`w${i}`] = f32([widths[i], widths[i + 1]], () => (uniform() * 2 - 1) * bound);
    feeds[`b${i}`] = f32([1, widths[i + 1]], () => 0);
  }
  return feeds;
}
