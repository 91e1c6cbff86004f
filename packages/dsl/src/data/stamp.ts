/** The stamp beside prepared columns: says from what they were made, so that the same work is not done twice. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../semantics/program.js';
import type { PreparedDataset } from './prepared.js';
import { readError, type SourceFile } from './source-file.js';

/** Raise it when the same source would give other files. */
const FORMAT = 'gensyn-columns/1';

/** Sources up to this size are known by their SHA-256, larger ones by size and time of change. */
const HASH_LIMIT = 256 * 2 ** 20;

async function sha256(source: SourceFile): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(source.path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  } catch (error) {
    throw readError(source.place, error);
  }
  return hash.digest('hex');
}

/** What the columns depend on, as text: declaration and sources. No place in the job, no absolute path. */
export async function stampKey(dataset: Dataset, sources: readonly SourceFile[]): Promise<string> {
  const { header, separator, stride, alphabet } = dataset;
  const declaration = {
    name: dataset.name,
    path: dataset.path,
    header,
    separator,
    stride,
    alphabet,
    columns: dataset.columns.map(({ span: _, ...column }) => column),
  };
  const from = [];
  for (const source of sources) {
    const { name, bytes } = source;
    from.push(
      bytes <= HASH_LIMIT
        ? { name, bytes, sha256: await sha256(source) }
        : { name, bytes, modified: source.modified },
    );
  }
  return JSON.stringify({ format: FORMAT, declaration, sources: from });
}

export function stampText(key: string, prepared: PreparedDataset): string {
  return `${JSON.stringify({ key, prepared }, null, 1)}\n`;
}

/** The data set prepared earlier from the same key, if its files are all there; undefined otherwise, whatever is wrong. */
export async function readStamp(
  file: string,
  key: string,
  outDir: string,
): Promise<PreparedDataset | undefined> {
  try {
    const stamp = JSON.parse(await readFile(file, 'utf8')) as { key?: unknown; prepared?: PreparedDataset };
    if (stamp.key !== key || !stamp.prepared) return undefined;
    for (const column of stamp.prepared.columns) {
      const info = await stat(join(outDir, column.file));
      if (!info.isFile() || info.size !== column.bytes) return undefined;
    }
    return stamp.prepared;
  } catch {
    return undefined;
  }
}
