/** Reads PNG pictures (W3C Recommendation, third edition): header and sizes are checked here, pixels are unpacked by pngjs. */
import { inflateSync } from 'node:zlib';
import pngjs from 'pngjs';
import type { DataPlace } from '../problem.js';
import { checkPixels, damaged, type ImageHeader } from './header.js';
import type { Raster } from './raster.js';

export const PNG_MAGIC = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Samples a pixel by colour type, and the depths that each may have (section 11.2.1). */
const COLOURS: Readonly<Record<number, readonly [samples: number, depths: readonly number[]]>> = {
  0: [1, [1, 2, 4, 8, 16]],
  2: [3, [8, 16]],
  3: [1, [1, 2, 4, 8]],
  4: [2, [8, 16]],
  6: [4, [8, 16]],
};

/** Start and step of columns and rows in the seven passes of an interlaced picture (section 8.2). */
const PASSES = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

interface PngHeader extends ImageHeader {
  readonly bits: number;
  readonly interlaced: boolean;
}

/** @param bytes the file, or no less than its first 33 bytes; throws GensynError D0172, D0174 */
export function pngHeader(bytes: Buffer, place: DataPlace): PngHeader {
  if (bytes.length < 33) throw damaged(place, 'it ends inside its header');
  if (bytes.readUInt32BE(8) !== 13 || bytes.toString('latin1', 12, 16) !== 'IHDR')
    throw damaged(place, 'it does not begin with an IHDR chunk');
  const [depth, colour, compression, filter, interlace] = bytes.subarray(24, 29);
  const [samples, depths] = COLOURS[colour!] ?? [0, []];
  if (!depths.includes(depth!) || compression !== 0 || filter !== 0 || interlace! > 1)
    throw damaged(place, `its header is of no kind of PNG (colour type ${colour}, ${depth} bits)`);
  const header: PngHeader = {
    format: 'PNG',
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    grey: colour === 0 || colour === 4,
    bits: samples * depth!,
    interlaced: interlace === 1,
  };
  checkPixels(header, place);
  return header;
}

/** Bytes of all lines with their filter bytes, which the compressed data must give. */
function lineBytes({ width, height, bits, interlaced }: PngHeader): number {
  const pass = (w: number, h: number): number => (w > 0 && h > 0 ? h * (1 + Math.ceil((w * bits) / 8)) : 0);
  if (!interlaced) return pass(width, height);
  return PASSES.reduce(
    (sum, [x, dx, y, dy]) => sum + pass(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

/** The chunks up to IEND: where the file ends, and the compressed data. */
function chunksOf(bytes: Buffer, place: DataPlace): { end: number; data: Buffer } {
  const parts: Buffer[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw damaged(place, 'it ends early');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const next = at + 12 + length;
    if (next > bytes.length) throw damaged(place, 'it ends early');
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    if (type === 'IEND') return { end: next, data: Buffer.concat(parts) };
    at = next;
  }
}

/**
 * The first picture of the file, 16 bits rounded to 8.
 * @throws GensynError D0172 (damaged, cut, or with more data than its size takes), D0174 (too large)
 */
export function decodePng(bytes: Buffer, place: DataPlace): Raster {
  const header = pngHeader(bytes, place);
  const { end, data } = chunksOf(bytes, place);
  const expected = lineBytes(header);
  try {
    // The decoder's own inflation of interlaced pictures has no bound, and cut data passes through the other.
    const { length } = inflateSync(data, { maxOutputLength: expected });
    if (length !== expected)
      throw new RangeError(`its data holds ${length} bytes, its size takes ${expected}`);
    const { width, height, data: pixels } = pngjs.PNG.sync.read(bytes.subarray(0, end));
    return { width, height, data: pixels };
  } catch (error) {
    throw damaged(place, reason(error), error);
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'its data expands beyond its size';
  if (code === 'Z_BUF_ERROR') return 'its data ends early';
  return error instanceof Error ? error.message : String(error);
}
