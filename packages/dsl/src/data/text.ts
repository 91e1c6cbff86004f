/** Reads windows of text, by characters or bytes, over a whole text or line by line. */
import type { Column, ColumnSource, Dataset } from '../semantics/program.js';
import { checkRowSize, type ColumnData, type OpenColumn } from './column-data.js';
import type { ColumnWriter } from './column-writer.js';
import { dataError, quoted, type DataPlace } from './problem.js';
import { readContent, type SourceFile } from './source-file.js';
import { decodeUtf8 } from './utf8.js';
import { byteVocabulary, charVocabulary, type Vocabulary } from './vocabulary.js';

type TextSource = Extract<ColumnSource, { kind: 'text' }>;

/** A line longer than this is not text by lines. */
const MAX_LINE = 2 ** 20;

interface Window {
  readonly column: Column;
  readonly source: TextSource;
}

/**
 * All text columns of a data set read the same file in the same unit and level: they are windows around one position.
 * @throws GensynError D0103 (empty), D0106 (columns do not go together), D0130 (not UTF-8), D0131 (too short), D0132 (line
 *   too long), D0133 (character not in the alphabet), D0134 (more tokens than classes), D0150
 */
export async function readText(
  source: SourceFile,
  dataset: Pick<Dataset, 'name' | 'stride' | 'alphabet'>,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const windows = columns.map((column) => windowOf(column, source.place));
  const { unit, level } = windows[0]!.source;
  for (const { column, source: other } of windows) {
    if (other.unit !== unit || other.level !== level) {
      throw dataError(
        'D0106',
        { ...source.place, span: column.span },
        `column '${column.name}' reads ${other.level}s of ${other.unit}, column '${columns[0]!.name}' reads ${level}s of ${unit}`,
        'Columns of one text share one unit, so that their rows stand at the same positions.',
      );
    }
  }
  const vocabulary =
    level === 'byte' ? byteVocabulary(unit) : await charVocabulary(source, dataset.alphabet, unit);
  for (const { column } of windows) {
    if (column.type === 'class' && vocabulary.alphabet !== undefined && vocabulary.size > column.classes!) {
      throw dataError(
        'D0134',
        { ...source.place, span: column.span },
        `the text needs ${vocabulary.size} tokens${vocabulary.boundary === undefined ? '' : ' with the boundary'}, column '${column.name}' has ${column.classes} classes`,
        `Declare class[${vocabulary.size}].`,
      );
    }
  }
  const about = {
    ...(vocabulary.alphabet === undefined
      ? {}
      : { alphabet: vocabulary.alphabet, alphabetStart: vocabulary.start }),
    ...(vocabulary.boundary === undefined ? {} : { boundary: vocabulary.boundary }),
  };
  const data =
    unit === 'line'
      ? await readLines(source, windows, vocabulary, open)
      : await readWhole(source, dataset, windows, vocabulary, open);
  return data.map((column) => ({ ...column, ...about }));
}

function windowOf(column: Column, place: DataPlace): Window {
  const { source } = column;
  if (source.kind !== 'text') {
    throw dataError(
      'D0106',
      { ...place, span: column.span },
      'columns of text and of a table cannot share a file',
    );
  }
  checkRowSize(
    column,
    source.last - source.first + 1,
    place,
    `${source.last - source.first + 1} ${source.level}s a row`,
  );
  return { column, source };
}

/** Calls `each` with every token and, where `lineEnd` is given, that instead of the line feed. */
async function tokens(
  source: SourceFile,
  level: TextSource['level'],
  vocabulary: Vocabulary,
  each: (token: number) => void,
  lineEnd?: () => void,
): Promise<void> {
  let line = 1;
  let position = 0;
  function step(point: number): void {
    if (point === 10 && lineEnd) lineEnd();
    else {
      const token = vocabulary.token[point] ?? -1;
      if (token < 0) {
        throw dataError(
          'D0133',
          { ...source.place, where: `line ${line}, character ${position + 1}` },
          `${quoted(String.fromCodePoint(point))} is not in the alphabet`,
          'Add it to the alphabet, or leave the alphabet out: then it is made of the characters of the file.',
        );
      }
      each(token);
    }
    position++;
    if (point === 10) {
      line++;
      position = 0;
    }
  }
  if (level === 'char') return decodeUtf8(readContent(source), source.place, step);
  for await (const chunk of readContent(source)) {
    for (let i = 0; i < chunk.length; i++) step(chunk[i]!);
  }
}

/** Continuous text is stored once, as its tokens; rows are views at `start + row * stride`. */
async function readWhole(
  source: SourceFile,
  dataset: Pick<Dataset, 'name' | 'stride'>,
  windows: readonly Window[],
  vocabulary: Vocabulary,
  open: OpenColumn,
): Promise<ColumnData[]> {
  const { column } = windows[0]!;
  // One file for all columns, so it bears the data set's name alone.
  const token: Column = {
    ...column,
    name: '',
    type: 'i32',
    classes: undefined,
    labels: undefined,
    shape: [],
  };
  const writer = open(token, () => 'text');
  if (vocabulary.alphabet === undefined) {
    for await (const chunk of readContent(source)) writer.putBytes(chunk);
  } else await tokens(source, 'char', vocabulary, (value) => writer.put(value));
  const origin = Math.max(0, ...windows.map((window) => -window.source.first));
  const reach = Math.max(0, ...windows.map((window) => window.source.last));
  const room = writer.count() - origin - reach;
  if (room < 1) {
    throw dataError(
      'D0131',
      source.place,
      `the text has ${writer.count()} tokens, one row needs ${origin + reach + 1}`,
    );
  }
  if (!Number.isSafeInteger(dataset.stride) || dataset.stride < 1) {
    throw dataError('D0106', source.place, `a stride of ${dataset.stride}; 1 or more is expected`);
  }
  const rows = Math.floor((room - 1) / dataset.stride) + 1;
  return windows.map((window) => ({
    column: window.column,
    writer,
    rows,
    view: { start: origin + window.source.first, stride: dataset.stride },
  }));
}

/** Lines have rows of their own, written out: a row for every position of a line and one for its end. */
async function readLines(
  source: SourceFile,
  windows: readonly Window[],
  vocabulary: Vocabulary,
  open: OpenColumn,
): Promise<ColumnData[]> {
  const boundary = vocabulary.boundary!;
  const { level } = windows[0]!.source;
  const carriageReturn = 13;
  let number = 1;
  let rows = 0;
  let line: number[] = [];
  const targets = windows.map((window) => ({
    ...window,
    writer: open(window.column, () => `line ${number}`),
  }));

  function end(): void {
    if (level === 'byte' && line.at(-1) === carriageReturn) line.pop();
    if (line.length > 0) {
      for (let p = 0; p <= line.length; p++) {
        for (const { source: window, writer } of targets)
          writeWindow(writer, p + window.first, p + window.last);
      }
      rows += line.length + 1;
    }
    line = [];
    number++;
  }

  function writeWindow(writer: ColumnWriter, first: number, last: number): void {
    for (let at = first; at <= last; at++) writer.put(line[at] ?? boundary);
  }

  await tokens(
    source,
    level,
    vocabulary,
    (token) => {
      if (line.length >= MAX_LINE) {
        throw dataError(
          'D0132',
          { ...source.place, where: `line ${number}` },
          `the line is longer than ${MAX_LINE}`,
          'Read it as one text: `of text`.',
        );
      }
      line.push(token);
    },
    end,
  );
  if (line.length > 0) end();
  if (rows === 0) throw dataError('D0103', source.place, 'the text has no line with anything on it');
  return targets.map(({ column, writer }) => ({ column, writer, rows }));
}
