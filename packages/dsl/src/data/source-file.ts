/** Finds a data file, checks that it can be read, and streams its bytes, decompressed where it is gzip. */
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { GensynError, type Span } from '@gensyn/ir';
import { dataError, nearest, systemCode, type DataPlace } from './problem.js';

export interface SourceFile {
  /** As the job names it. */
  readonly name: string;
  readonly path: string;
  /** On disk, so compressed if `gzip`. */
  readonly bytes: number;
  readonly modified: number;
  readonly gzip: boolean;
  /** The first bytes on disk, at most 8. */
  readonly head: Buffer;
  readonly place: DataPlace;
}

const CHUNK = 1 << 18;

/** Deflate cannot expand beyond this factor, so a claim beyond it is false before anything is read. */
export const MAX_DEFLATE = 1032;

/** Most bytes that `compressed` bytes may expand to; real data stays far below, a bomb does not. */
export function expansionLimit(compressed: number): number {
  return Math.max(256 * 2 ** 20, 256 * compressed);
}

/** Folders in which the operating system's packages put data sets; looked at after the job's own folder. */
export async function systemDataDirs(root = '/usr/share/datasets'): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name))
      .sort();
  } catch {
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR';
  }
}

async function notFound(place: DataPlace, name: string, tried: readonly string[]): Promise<GensynError> {
  let near: string | undefined;
  try {
    near = nearest(basename(name), await readdir(dirname(tried[0]!)));
  } catch {
    near = undefined;
  }
  const suggestion = near === undefined ? undefined : join(dirname(name), near);
  return new GensynError('D0101', `data file ${JSON.stringify(name)} was not found`, {
    ...(place.span ? { span: place.span } : {}),
    notes: [{ message: `looked at ${tried.join(', ')}` }],
    help:
      suggestion === undefined
        ? 'Check the path: it is relative to the folder of the job file.'
        : `Did you mean ${JSON.stringify(suggestion)}?`,
  });
}

/**
 * Opens the file that the job calls `name`. A relative name is looked for in `baseDir`, then in `searchDirs`.
 * @throws GensynError D0101 (missing), D0102 (unreadable, a folder), D0103 (empty), D0104 (`.gz` without gzip), D0107 (remote)
 */
export async function openSource(
  name: string,
  baseDir: string,
  searchDirs: readonly string[],
  span: Span | undefined,
): Promise<SourceFile> {
  const place: DataPlace = { file: name, span };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    throw dataError('D0107', place, 'data is read from files only', 'Fetch it first and name the file.');
  }
  if (name === '' || name.includes('\0')) throw dataError('D0101', place, 'a data file needs a name');
  const tried = isAbsolute(name) ? [name] : [baseDir, ...searchDirs].map((dir) => resolve(dir, name));
  let path: string | undefined;
  for (const candidate of tried) {
    if (path === undefined && (await exists(candidate))) path = candidate;
  }
  if (path === undefined) throw await notFound(place, name, tried);
  try {
    const info = await stat(path);
    if (info.isDirectory()) {
      throw dataError(
        'D0102',
        place,
        'is a folder, a file is needed',
        `Name a file inside it; pictures in folders become one by \`gensyn data images ${name.replace(/\/+$/, '')} -o ${basename(path)}.npz\`.`,
      );
    }
    if (!info.isFile()) throw dataError('D0102', place, 'is not an ordinary file');
    if (info.size === 0) throw dataError('D0103', place, 'the file is empty');
    const handle = await open(path, 'r');
    try {
      const head = Buffer.alloc(8);
      const { bytesRead } = await handle.read(head, 0, 8, 0);
      const gzip = bytesRead >= 2 && head[0] === 0x1f && head[1] === 0x8b;
      if (!gzip && /\.gz$/i.test(name)) {
        throw dataError('D0104', place, 'the name says gzip but the content is not gzip');
      }
      const { size: bytes, mtimeMs: modified } = info;
      return { name, path, bytes, modified, gzip, head: head.subarray(0, bytesRead), place };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof GensynError ? error : readError(place, error);
  }
}

/** Turns what the file system or zlib reports into one D error. */
export function readError(place: DataPlace, error: unknown): GensynError {
  const code = systemCode(error) ?? '';
  const why = error instanceof Error ? error.message : String(error);
  if (code === 'Z_BUF_ERROR') {
    return dataError(
      'D0104',
      place,
      'the compressed data ends early',
      'Fetch or write the file again.',
      error,
    );
  }
  if (code.startsWith('Z_')) {
    return dataError(
      'D0104',
      place,
      `the compressed data is damaged (${why})`,
      'Fetch or write the file again.',
      error,
    );
  }
  return dataError('D0102', place, `cannot be read (${why})`, undefined, error);
}

export interface ByteRange {
  /** First and one past the last byte on disk. */
  readonly from: number;
  readonly to: number;
  readonly compression: 'none' | 'gzip' | 'deflate';
}

/**
 * Streams a part of a file in order, decompressed. Memory stays at a few chunks.
 * @throws GensynError D0102 (read error), D0104 (damaged or cut), D0105 (expands beyond `expansionLimit`)
 */
export async function* readRange(
  source: SourceFile,
  range: ByteRange,
): AsyncGenerator<Buffer, void, undefined> {
  if (range.to <= range.from) return;
  const raw = createReadStream(source.path, { start: range.from, end: range.to - 1, highWaterMark: CHUNK });
  const options = { chunkSize: CHUNK };
  const inflate =
    range.compression === 'none'
      ? undefined
      : range.compression === 'gzip'
        ? createGunzip(options)
        : createInflateRaw(options);
  const limit = range.compression === 'none' ? Infinity : expansionLimit(range.to - range.from);
  let total = 0;
  try {
    if (inflate) raw.on('error', (error) => inflate.destroy(error)).pipe(inflate);
    for await (const chunk of inflate ?? raw) {
      total += (chunk as Buffer).length;
      if (total > limit) {
        throw dataError(
          'D0105',
          source.place,
          `${range.to - range.from} compressed bytes expand to more than ${limit}`,
          'If the data is real, decompress the file first.',
        );
      }
      yield chunk as Buffer;
    }
  } catch (error) {
    throw error instanceof GensynError ? error : readError(source.place, error);
  } finally {
    raw.destroy();
    inflate?.destroy();
  }
}

/** The whole content of a file, decompressed if it is gzip. */
export function readContent(source: SourceFile): AsyncGenerator<Buffer, void, undefined> {
  return readRange(source, { from: 0, to: source.bytes, compression: source.gzip ? 'gzip' : 'none' });
}
