/** Says what a data file holds and how a job could read it. */
import { GensynError } from '@gensyn/ir';
import { formatByName } from '../format.js';
import { NPY_MAGIC } from '../npy.js';
import { dataError } from '../problem.js';
import { openSource, readContent, type SourceFile } from '../source-file.js';
import { decodeUtf8 } from '../utf8.js';
import { describeArrayFile, describeNpz } from './describe-arrays.js';
import { describeCsv } from './describe-csv.js';
import type { FileDescription, TextDescription } from './description.js';
import { arrayLines, block, csvLines, textLines, windows } from './suggest-block.js';

export interface DescribeOptions {
  /** Rows, or lines of text, to give as they stand. */
  readonly rows: number;
}

/** By its name, or else its first bytes; what is neither is text. */
function formatOf({ name, head, gzip }: SourceFile): 'csv' | 'idx' | 'npy' | 'npz' | 'text' {
  const byName = formatByName(name);
  if (byName) return byName;
  if (head.subarray(0, 6).equals(NPY_MAGIC)) return 'npy';
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return 'npz';
  return !gzip && head[0] === 0 && head[1] === 0 ? 'idx' : 'text';
}

/**
 * Reads the file once or twice in a stream; memory does not depend on its size.
 * @throws GensynError D0101..D0105, D0107 (no such file, unreadable, empty, damaged), D0112, D0114, D0120..D0124
 */
export async function describeFile(file: string, { rows }: DescribeOptions): Promise<FileDescription> {
  const source = await openSource(file, process.cwd(), [], undefined);
  const format = formatOf(source);
  const about = { file, bytes: source.bytes };
  if (format === 'csv') {
    const csv = await describeCsv(source, rows);
    const lines = csvLines(csv.fields, csv.rows, csv.header, csv.separator);
    return { ...about, format, ...csv, suggestion: lines.length === 0 ? '' : block(file, lines) };
  }
  if (format === 'text') return describeText(source, rows);
  const shown = { rows, values: 8 };
  const arrays =
    format === 'npz' ? await describeNpz(source, shown) : await describeArrayFile(source, format, shown);
  if (arrays.length === 0) throw dataError('D0103', source.place, 'the file has no arrays');
  const lines = arrayLines(arrays, format);
  return { ...about, format, arrays, suggestion: lines.length === 0 ? '' : block(file, lines) };
}

const LONGEST_SHOWN = 100;
/** Characters that no text has, though UTF-8 does. */
const CONTROLS = [0, 1, 2, 3, 4, 5, 6, 7];

async function describeText(source: SourceFile, rows: number): Promise<FileDescription> {
  const about = { file: source.name, bytes: source.bytes };
  const seen = new Uint8Array(0x110000);
  const first: string[] = [];
  let [characters, lines, length, longestLine, line] = [0, 0, 0, 0, ''];
  const endLine = (): void => {
    if (first.length < rows) first.push(line);
    longestLine = Math.max(longestLine, length);
    [lines, length, line] = [lines + 1, 0, ''];
  };
  try {
    await decodeUtf8(readContent(source), source.place, (point) => {
      characters++;
      seen[point] = 1;
      if (point === 10) return endLine();
      length++;
      if (first.length < rows && length <= LONGEST_SHOWN) line += String.fromCodePoint(point);
    });
  } catch (error) {
    if (!(error instanceof GensynError) || error.code !== 'D0130') throw error;
    const suggestion = block(source.name, windows('bytes', 256, source.bytes));
    return { ...about, format: 'bytes', why: error.message.slice(source.name.length + 2), suggestion };
  }
  if (length > 0) endLine();
  if (CONTROLS.some((point) => seen[point] === 1)) {
    const suggestion = block(source.name, windows('bytes', 256, source.bytes));
    return { ...about, format: 'bytes', why: 'it holds control characters', suggestion };
  }
  let alphabet = '';
  for (let point = seen.indexOf(1); point >= 0; point = seen.indexOf(1, point + 1))
    alphabet += String.fromCodePoint(point);
  const text: TextDescription = { characters, lines, longestLine, alphabet };
  return { ...about, format: 'text', text, first, suggestion: block(source.name, textLines(text)) };
}
