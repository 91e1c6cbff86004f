/** What the header of a picture says, found and checked before anything is decoded. */
import { dataError, type DataPlace } from '../problem.js';

export interface ImageHeader {
  readonly format: 'PNG' | 'JPEG';
  readonly width: number;
  readonly height: number;
  /** Whether every pixel is a shade of grey by the kind of the file. */
  readonly grey: boolean;
}

/** Most pixels of one picture: 8192 x 4096. What decoding takes is a small multiple of it. */
export const MAX_PIXELS = 2 ** 25;

/** Most bytes of one file. */
export const MAX_IMAGE_BYTES = 64 * 2 ** 20;

/** @throws GensynError D0174 when the picture has more pixels than are decoded, D0172 when it has none */
export function checkPixels({ width, height }: ImageHeader, place: DataPlace): void {
  if (width === 0 || height === 0) throw damaged(place, `its header says ${width} x ${height} pixels`);
  if (width * height <= MAX_PIXELS) return;
  throw dataError(
    'D0174',
    place,
    `${width} x ${height} pixels; at most ${MAX_PIXELS} are read`,
    'Make the picture smaller first.',
  );
}

export function damaged(place: DataPlace, why: string, cause?: unknown): Error {
  return dataError(
    'D0172',
    place,
    `the picture cannot be decoded: ${why}`,
    'Fetch or write the file again, or take it out of the folder.',
    cause,
  );
}

export function unread(place: DataPlace, what: string): Error {
  return dataError(
    'D0171',
    place,
    what,
    'PNG and JPEG pictures are read; convert it to PNG, or take it out of the folder.',
  );
}
