/** Opens one picture of a folder: an ordinary file, not too long, PNG or JPEG by its first bytes. */
import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { GensynError } from '@gensyn/ir';
import { dataError, type DataPlace } from '../problem.js';
import { readError } from '../source-file.js';
import { damaged, MAX_IMAGE_BYTES, unread, type ImageHeader } from './header.js';
import { decodeJpeg, jpegHeader } from './jpeg.js';
import { decodePng, PNG_MAGIC, pngHeader } from './png.js';
import type { Raster } from './raster.js';

/** Headers end within this, but for pictures with large notes in front. */
const BEGINNING = 64 * 1024;

/** First bytes of what people also keep pictures in. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^GIF8/, 'a GIF picture'],
  [/^RIFF....WEBP/s, 'a WebP picture'],
  [/^BM/, 'a BMP picture'],
  [/^(II\*\0|MM\0\*)/, 'a TIFF picture'],
  [/^....ftyp(avif|heic|heix|mif1)/s, 'an AVIF or HEIC picture'],
  [/^\s*(<!doctype|<html|<\?xml|<svg)/i, 'a text in HTML or XML'],
];

/** @throws GensynError D0175 (a link, a device), D0174 (too long), D0172 (empty) */
function bytesOf(path: string, place: DataPlace, most: number): { bytes: Buffer; complete: boolean } {
  const info = lstatSync(path);
  if (info.isSymbolicLink())
    throw dataError(
      'D0175',
      place,
      'is a link, and links inside the folder are not followed',
      'Put the file itself there: `cp -rL` copies a folder with what its links point to.',
    );
  if (!info.isFile()) throw dataError('D0175', place, 'is not an ordinary file');
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size === 0) throw damaged(place, 'the file is empty');
    if (size > MAX_IMAGE_BYTES)
      throw dataError('D0174', place, `the file has ${size} bytes; at most ${MAX_IMAGE_BYTES} are read`);
    const bytes = Buffer.alloc(Math.min(size, most));
    let fill = 0;
    for (let n = -1; n !== 0 && fill < bytes.length; fill += n)
      n = readSync(handle, bytes, fill, bytes.length - fill, fill);
    return { bytes: bytes.subarray(0, fill), complete: fill === size };
  } finally {
    closeSync(handle);
  }
}

/** System errors become D0102 about this file. */
function reading<T>(place: DataPlace, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof GensynError ? error : readError(place, error);
  }
}

function formatOf(bytes: Buffer, place: DataPlace): ImageHeader['format'] {
  if (bytes.subarray(0, 8).equals(PNG_MAGIC)) return 'PNG';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'JPEG';
  const beginning = bytes.toString('latin1', 0, 64);
  const other = OTHERS.find(([magic]) => magic.test(beginning))?.[1];
  throw unread(
    place,
    other === undefined
      ? `is no picture: it begins with ${bytes.subarray(0, 4).toString('hex')}, PNG with 89504e47, JPEG with ffd8`
      : `is ${other}, which is not read`,
  );
}

/** What its header says; pixels are not decoded. Throws GensynError D0102, D0171, D0172, D0174, D0175. */
export function readImageHeader(path: string, place: DataPlace): ImageHeader {
  return reading(place, () => {
    const { bytes, complete } = bytesOf(path, place, BEGINNING);
    if (formatOf(bytes, place) === 'PNG') return pngHeader(bytes, place);
    const header =
      jpegHeader(bytes, place) ??
      (complete ? undefined : jpegHeader(bytesOf(path, place, MAX_IMAGE_BYTES).bytes, place));
    if (!header) throw damaged(place, 'it ends inside its header');
    return header;
  });
}

/** Its pixels. Throws GensynError D0102, D0171, D0172, D0174, D0175. */
export function readImage(path: string, place: DataPlace): Raster {
  return reading(place, () => {
    const { bytes } = bytesOf(path, place, MAX_IMAGE_BYTES);
    return formatOf(bytes, place) === 'PNG' ? decodePng(bytes, place) : decodeJpeg(bytes, place);
  });
}
