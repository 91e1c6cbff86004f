/** Loss and metrics of every step of a run: rows of binary32, step after step, so that a resumed run writes over what it repeats. */
import fs from 'node:fs';
import type { StepScalars } from '../executor/executor.js';
import { guard } from './write-file.js';

/** Writes the rows of a chunk at their place: [loss, metrics...] each, without the loss where there is none. Errors: R0501, R0503. */
export function writeLosses(file: string, chunk: StepScalars): void {
  const columns = [...(chunk.loss.length > 0 ? [chunk.loss] : []), ...chunk.metrics.values()];
  const width = columns.length;
  if (width === 0) return;
  const rows = new Float32Array(chunk.count * width);
  for (let i = 0; i < chunk.count; i++) columns.forEach((values, c) => (rows[i * width + c] = values[i]!));
  guard(file, () => {
    const handle = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT);
    try {
      const bytes = new Uint8Array(rows.buffer);
      fs.writeSync(handle, bytes, 0, bytes.length, chunk.first * width * 4);
    } finally {
      fs.closeSync(handle);
    }
  });
}

/** Loss by step (none of a job that predicts), and each metric by step, of the first `steps` steps. A row cut short by a crash does not count. */
export function readLosses(
  file: string,
  metrics: readonly string[],
  steps = Infinity,
  hasLoss = true,
): { loss: Float32Array; metrics: Map<string, Float32Array> } {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(fs.readFileSync(file));
  } catch {
    bytes = new Uint8Array(0);
  }
  const before = hasLoss ? 1 : 0;
  const width = before + metrics.length;
  const values = new Float32Array(bytes.slice(0, bytes.length - (bytes.length % 4)).buffer);
  const count = Math.min(steps, Math.floor(values.length / Math.max(1, width)));
  const columnOf = (c: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => values[i * width + c]!);
  return {
    loss: hasLoss ? columnOf(0) : new Float32Array(0),
    metrics: new Map(metrics.map((name, m) => [name, columnOf(m + before)])),
  };
}
