/** Turns a folder of pictures, one sub-folder a class, into arrays that a job can name: the documented way for image folders. */
import { setImmediate } from 'node:timers/promises';
import { dataError } from '../problem.js';
import { block, imageLines } from '../show/suggest-block.js';
import { openArrayWriter } from '../write-arrays.js';
import { listClassFolder, type ClassFolder } from './class-folder.js';
import { fitPlanes, type Fit, type Size } from './fit.js';
import { readImage, readImageHeader } from './image-file.js';
import { planesOf, type Background, type Channels } from './raster.js';

export interface ImageOptions {
  /** File to write, .npz or .npy. */
  readonly out: string;
  /** Of all pictures; without it they must have one size already. */
  readonly size?: Size | undefined;
  /** 1 grey, 3 red, green, blue; by default grey if every file is. */
  readonly channels?: Channels | undefined;
  readonly fit?: Fit;
  readonly background?: Background;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ConvertedImages {
  readonly files: readonly string[];
  /** [rows, channels, height, width], u8. */
  readonly shape: readonly [number, number, number, number];
  readonly classes: readonly { readonly name: string; readonly images: number }[];
  /** Files that are no pictures by their names. */
  readonly leftOut: readonly string[];
  /** The `data` block with which a job reads them. */
  readonly suggestion: string;
}

/** How many files are looked at before others get a turn. */
const BATCH = 64;

/**
 * Writes `image`, u8 [rows, channels, height, width], and `label`, the place of each row's class among the sorted names; an .npz file
 * also holds `classes`, the names. Rows stand class by class, by name of the file. Memory is that of one decoded picture. The same files
 * give the same bytes on every machine; nothing is left under the final name unless all went well.
 * @throws GensynError D0101, D0102, D0160, D0170..D0176
 */
export async function convertImages(folder: string, options: ImageOptions): Promise<ConvertedImages> {
  const { out, fit = 'crop', background = 0, onProgress } = options;
  if (!/\.np[yz]$/i.test(out))
    throw dataError('D0176', { file: out }, 'is neither .npz nor .npy', 'Write -o photos.npz.');
  const listed = listClassFolder(folder);
  const { classes, images, leftOut } = listed;
  const { size, channels } = await agree(listed, options);
  const writer = openArrayWriter(out);
  try {
    writer.begin('image', '|u1', 1, [images.length, channels, size.height, size.width]);
    for (const [i, { path, place }] of images.entries()) {
      const raster = readImage(path, place);
      const planes = planesOf(raster, channels, background);
      writer.write(fitPlanes(planes, channels, raster, size, fit, background));
      onProgress?.(i + 1, images.length);
      if (i % BATCH === 0) await setImmediate();
    }
    const narrow = classes.length <= 256;
    writer.begin('label', narrow ? '|u1' : '<i4', narrow ? 1 : 4, [images.length]);
    const labels = images.map(({ label }) => label);
    writer.write(narrow ? Uint8Array.from(labels) : littleEndian(labels));
    if (/z$/i.test(out)) {
      const longest = Math.max(...classes.map((name) => [...name].length));
      writer.begin('classes', `<U${longest}`, 4 * longest, [classes.length]);
      writer.write(littleEndian(classes.flatMap((name) => codePoints(name, longest))));
    }
    const counts = new Uint32Array(classes.length);
    for (const { label } of images) counts[label]!++;
    const files = writer.finish();
    return {
      files,
      shape: [images.length, channels, size.height, size.width],
      suggestion: block(files[0]!, imageLines([channels, size.height, size.width], classes, files[1])),
      classes: classes.map((name, i) => ({ name, images: counts[i]! })),
      leftOut,
    };
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** Size and channels of the result, from what is asked for and the headers of all files. Throws GensynError D0173 among others. */
async function agree(
  { images }: ClassFolder,
  { size, channels }: ImageOptions,
): Promise<{ size: Size; channels: Channels }> {
  let first: Size | undefined;
  let grey = true;
  for (const [i, { path, place }] of images.entries()) {
    const header = readImageHeader(path, place);
    first ??= header;
    grey &&= header.grey;
    if (!size && (header.width !== first.width || header.height !== first.height))
      throw dataError(
        'D0173',
        place,
        `${header.width} x ${header.height} pixels, but ${images[0]!.place.file} has ${first.width} x ${first.height}`,
        `Give all of them one size: --size ${first.width}x${first.height}.`,
      );
    if (i % BATCH === 0) await setImmediate();
  }
  return { size: size ?? first!, channels: channels ?? (grey ? 1 : 3) };
}

function littleEndian(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  return bytes;
}

/** Padded with zeros, as numpy keeps strings. */
function codePoints(text: string, length: number): number[] {
  const points = [...text].map((char) => char.codePointAt(0)!);
  return [...points, ...Array<number>(length - points.length).fill(0)];
}
