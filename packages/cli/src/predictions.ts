/** What a prediction came to: its numbers in the order of the data, as files that other programs read. */
import { batchOrder, elements, type DType, type State } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { join } from 'node:path';
import { writePieces } from './write-pieces.js';

export interface Predictions {
  readonly dtype: DType;
  /** [rows, ...]. */
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
  /** Names of the classes that the output scores, where the job knows them. */
  readonly names: readonly string[] | undefined;
  /** The right classes, and the share of rows whose highest score is theirs. */
  readonly labels: Int32Array | undefined;
  readonly accuracy: number | undefined;
}

/** @param state after the last step. Undefined for a job that trains. */
export async function predictionsOf(
  { manifest, columns }: Job,
  state: State,
): Promise<Predictions | undefined> {
  const { columnKey } = await import('@gensyn/runtime');
  const { predictions, seed, batch, steps } = manifest;
  if (!predictions) return undefined;
  const { dataset, label } = predictions;
  const set = manifest.datasets.find(({ name }) => name === dataset)!;
  const value = state.get(predictions.state)!;
  const row = value.shape.slice(2);
  const width = elements(row);
  const stored = value.data as Float32Array | Int32Array;
  const data = value.dtype === 'i32' ? new Int32Array(set.rows * width) : new Float32Array(set.rows * width);
  const order = batchOrder(seed, batch, set.rows, 0);
  for (let step = 0; step < steps; step++) {
    order.training(step).forEach((to, j) => {
      const place = step * batch + j;
      // The last batch is filled up with rows of another pass.
      if (place < set.rows) data.set(stored.subarray(place * width, (place + 1) * width), to * width);
    });
  }
  const column = set.columns.find(({ name }) => name === label);
  const labels = column && new Int32Array(set.rows);
  if (labels)
    columns.get(columnKey(dataset, column.name))!.gather(
      Int32Array.from({ length: set.rows }, (_, i) => i),
      labels,
      0,
    );
  return {
    ...{ dtype: value.dtype, shape: [set.rows, ...row], data, labels },
    names: column?.labels,
    accuracy: labels && accuracyOf(data, width, labels),
  };
}

/** As the metric has it: a row is right if no class scores higher than its own. */
function accuracyOf(scores: ArrayLike<number>, width: number, labels: Int32Array): number {
  let right = 0;
  labels.forEach((label, i) => {
    const own = scores[i * width + label]!;
    let best = true;
    for (let k = 0; k < width && best; k++) best = scores[i * width + k]! <= own;
    if (best) right++;
  });
  return right / labels.length;
}

/** The array as numpy reads it, version 1.0 in C order, in two pieces. */
export function npy({ dtype, shape, data }: Predictions): Uint8Array[] {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${dtype === 'i32' ? '<i4' : '<f4'}', 'fortran_order': False, 'shape': (${dims}), }`;
  const header = Buffer.alloc(Math.ceil((10 + text.length + 1) / 64) * 64, ' ');
  header.write('\x93NUMPY\x01\0', 'latin1');
  header.writeUInt16LE(header.length - 10, 8);
  header.write(text, 10, 'latin1');
  header[header.length - 1] = 10;
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/**
 * A line for each row: of several numbers the place of the largest (the class, where they are scores) and that number, of one number itself;
 * with the right class where it is known. Undefined where a row is no list of numbers.
 */
export function csv({ shape, data, names, labels }: Predictions): Uint8Array[] | undefined {
  if (shape.length > 2) return undefined;
  const width = shape[1] ?? 1;
  const called = (place: number): string => (names ? quoted(names[place] ?? String(place)) : String(place));
  const head = ['row', ...(width > 1 ? ['class', 'score'] : ['value']), ...(labels ? ['label'] : [])];
  const pieces: Uint8Array[] = [Buffer.from(`${head.join(',')}\n`)];
  let lines = '';
  for (let row = 0; row < shape[0]!; row++) {
    let best = 0;
    for (let k = 1; k < width; k++) if (data[row * width + k]! > data[row * width + best]!) best = k;
    const cells = [String(row), ...(width > 1 ? [called(best)] : []), figures(data[row * width + best]!)];
    if (labels) cells.push(called(labels[row]!));
    lines += `${cells.join(',')}\n`;
    if (lines.length < 2 ** 20 && row < shape[0]! - 1) continue;
    pieces.push(Buffer.from(lines));
    lines = '';
  }
  return pieces;
}

/** The shortest digits that give the same binary32 again. */
function figures(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const PREDICTION_FILES = { npy: 'predictions.npy', csv: 'predictions.csv' } as const;

/** Writes both forms, where there are two, and tells where. Errors: R0501, R0503. */
export function writePredictions(folder: string, predictions: Predictions): { npy: string; csv?: string } {
  const files = { npy: join(folder, PREDICTION_FILES.npy), csv: join(folder, PREDICTION_FILES.csv) };
  writePieces(files.npy, npy(predictions));
  const lines = csv(predictions);
  if (!lines) return { npy: files.npy };
  writePieces(files.csv, lines);
  return files;
}
