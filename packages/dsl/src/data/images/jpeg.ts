/** Reads JPEG pictures (ITU-T T.81), baseline and progressive: header and sizes are checked here, pixels are unpacked by jpeg-js. */
import jpeg from 'jpeg-js';
import type { DataPlace } from '../problem.js';
import { checkPixels, damaged, unread, type ImageHeader } from './header.js';
import type { Raster } from './raster.js';

/** Encoders write 10 or so; each scan of a progressive picture goes over all of it, however few bytes it has. */
const MAX_SCANS = 100;
const DECODER_MEMORY = 1024;

interface JpegHeader extends ImageHeader {
  /** The three components are red, green and blue themselves. */
  readonly plainRgb: boolean;
}

/**
 * @param bytes the file or its beginning
 * @returns undefined where the bytes end before the header does; throws GensynError D0171 (a kind that is not read), D0172, D0174
 */
export function jpegHeader(bytes: Buffer, place: DataPlace): JpegHeader | undefined {
  let transform: number | undefined;
  for (let at = 2; ;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    if (at + 4 > bytes.length) return undefined;
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker === 0xd9 || marker === 0xda)
      throw damaged(place, 'no header comes before its data');
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xee && bytes.toString('latin1', at + 4, at + 9) === 'Adobe') transform = bytes[at + 15];
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!frame) {
      at += 2 + Math.max(2, length);
      continue;
    }
    if (at + 10 > bytes.length) return undefined;
    if (marker > 0xc2)
      throw unread(place, 'is a lossless, hierarchical or arithmetically coded JPEG, which is not read');
    if (bytes[at + 4] !== 8) throw unread(place, `is a JPEG of ${bytes[at + 4]} bits, 8 are read`);
    const components = bytes[at + 9]!;
    if (![1, 3, 4].includes(components)) throw unread(place, `is a JPEG of ${components} components`);
    const header: JpegHeader = {
      format: 'JPEG',
      height: bytes.readUInt16BE(at + 5),
      width: bytes.readUInt16BE(at + 7),
      grey: components === 1,
      plainRgb: components === 3 && transform === 0,
    };
    checkPixels(header, place);
    return header;
  }
}

/** @throws GensynError D0171, D0172 (damaged or cut), D0174 (too large) */
export function decodeJpeg(bytes: Buffer, place: DataPlace): Raster {
  const header = jpegHeader(bytes, place);
  if (!header) throw damaged(place, 'it ends inside its header');
  let scans = 0;
  for (
    let at = bytes.indexOf('\xff\xda', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('\xff\xda', at + 2, 'latin1')
  )
    scans++;
  if (scans > MAX_SCANS) throw damaged(place, `it has ${scans} scans, ${MAX_SCANS} at most are expected`);
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      maxResolutionInMP: 1000,
      maxMemoryUsageInMB: DECODER_MEMORY,
      ...(header.plainRgb ? { colorTransform: false } : {}),
    });
    return { width, height, data };
  } catch (error) {
    throw damaged(place, error instanceof Error ? error.message : String(error), error);
  }
}
