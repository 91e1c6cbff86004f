/** Brings a picture to another size by averaging areas, in integers, so that it gives the same bytes everywhere. */
import type { Background, Channels } from './raster.js';

/** What happens where the shapes differ: cut off what is too much, fill what is missing, or distort. */
export const FITS = ['crop', 'pad', 'stretch'] as const;
export type Fit = (typeof FITS)[number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** n / d to the nearest integer, halves up, at least 1. */
const ratio = (n: number, d: number): number => Math.max(1, Math.floor((2 * n + d) / (2 * d)));

/** The largest box of the shape of `like` that has room in the middle of `room`. */
function inscribed(like: Size, room: Size): Box {
  const tall = like.width * room.height < like.height * room.width;
  const width = tall ? Math.min(room.width, ratio(like.width * room.height, like.height)) : room.width;
  const height = tall ? room.height : Math.min(room.height, ratio(like.height * room.width, like.width));
  return { x: (room.width - width) >> 1, y: (room.height - height) >> 1, width, height };
}

/**
 * Which source positions a target position averages, and with which weights: both lines are divided into `from * to` parts; position i of
 * the source covers parts i*to .. (i+1)*to, position j of the target j*from .. (j+1)*from. Weights of one j sum to `from`.
 */
function overlaps(from: number, to: number): { first: Int32Array; weights: Int32Array[] } {
  const first = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, j) => {
    const [begin, end] = [j * from, (j + 1) * from];
    const lowest = (first[j] = Math.floor(begin / to));
    const count = Math.ceil(end / to) - lowest;
    return Int32Array.from(
      { length: count },
      (_, k) => Math.min(end, (lowest + k + 1) * to) - Math.max(begin, (lowest + k) * to),
    );
  });
  return { first, weights };
}

/** Averages `box` of one plane (rows of `width` bytes) into `frame` of a plane of another width. */
function average(
  source: Uint8Array,
  width: number,
  box: Box,
  target: Uint8Array,
  targetWidth: number,
  frame: Box,
): void {
  const [across, down] = [overlaps(box.width, frame.width), overlaps(box.height, frame.height)];
  const area = box.width * box.height;
  const half = Math.floor(area / 2);
  // Sums stay below 255 * area, exact in a double.
  const sums = new Float64Array(frame.width);
  for (let j = 0; j < frame.height; j++) {
    sums.fill(0);
    const rows = down.weights[j]!;
    for (let r = 0; r < rows.length; r++) {
      const row = (box.y + down.first[j]! + r) * width + box.x;
      for (let i = 0; i < frame.width; i++) {
        const weights = across.weights[i]!;
        const from = row + across.first[i]!;
        let sum = 0;
        for (let c = 0; c < weights.length; c++) sum += weights[c]! * source[from + c]!;
        sums[i] = sums[i]! + rows[r]! * sum;
      }
    }
    const to = (frame.y + j) * targetWidth + frame.x;
    for (let i = 0; i < frame.width; i++) target[to + i] = Math.floor((sums[i]! + half) / area);
  }
}

/** @param planes [channels, from.height, from.width]; returns [channels, to.height, to.width] */
export function fitPlanes(
  planes: Uint8Array,
  channels: Channels,
  from: Size,
  to: Size,
  fit: Fit,
  background: Background,
): Uint8Array {
  if (from.width === to.width && from.height === to.height) return planes;
  const all = (size: Size): Box => ({ x: 0, y: 0, width: size.width, height: size.height });
  const box = fit === 'crop' ? inscribed(to, from) : all(from);
  const frame = fit === 'pad' ? inscribed(from, to) : all(to);
  const result = new Uint8Array(channels * to.width * to.height).fill(background);
  for (let c = 0; c < channels; c++) {
    const source = planes.subarray(c * from.width * from.height, (c + 1) * from.width * from.height);
    const target = result.subarray(c * to.width * to.height, (c + 1) * to.width * to.height);
    average(source, from.width, box, target, to.width, frame);
  }
  return result;
}
