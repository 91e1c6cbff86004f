/** Reads the columns of a CSV file by position or by header name. */
import type { Column, Dataset } from '../semantics/program.js';
import { checkRowSize, type ColumnData, type OpenColumn } from './column-data.js';
import type { ColumnWriter } from './column-writer.js';
import { readCsvRecords, type CsvRecord } from './csv-record.js';
import { dataError, nearest, quoted, type DataPlace } from './problem.js';
import { readContent, type SourceFile } from './source-file.js';

/** A decimal number as CSV files hold it. */
export const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

interface CsvColumn {
  readonly column: Column;
  readonly writer: ColumnWriter;
  /** Positions of its fields in the record, from 0. */
  readonly fields: readonly number[];
  readonly labels: ReadonlyMap<string, number> | undefined;
}

/**
 * One pass over the file for all its columns.
 * @throws GensynError D0110..D0116, D0130, and what the column writers refuse (D014x)
 */
export async function readCsv(
  source: SourceFile,
  dataset: Pick<Dataset, 'header' | 'separator'>,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const { place } = source;
  const separator = Buffer.from(dataset.separator);
  if (separator.length !== 1 || separator[0] === 10 || separator[0] === 13 || separator[0] === 34) {
    throw dataError(
      'D0116',
      place,
      `${quoted(dataset.separator)} cannot separate fields`,
      'Use one ASCII character.',
    );
  }
  let line = 0;
  let field = 0;
  let expected = -1;
  let rows = 0;
  let targets: readonly CsvColumn[] | undefined;
  const here = (): DataPlace => ({ ...place, where: `line ${line}, field ${field + 1}` });

  function begin(record: CsvRecord): void {
    expected = record.count;
    const header = dataset.header ? readHeader(record, place) : undefined;
    targets = columns.map((column) => {
      const fields = fieldsOf(column, header, record.count, { ...place, span: column.span });
      const writer = open(column, () => `line ${line}, field ${field + 1}`);
      const labels = column.labels ? new Map(column.labels.map((label, i) => [label, i])) : undefined;
      return { column, writer, fields, labels };
    });
  }

  await readCsvRecords(readContent(source), separator[0]!, place, (record) => {
    line = record.line;
    if (targets === undefined) {
      begin(record);
      if (dataset.header) return;
    }
    if (record.count !== expected) {
      throw dataError(
        'D0112',
        { ...place, where: `line ${line}` },
        `${count(record.count, 'field')}, but the first line has ${expected}`,
        record.count === 1 ? 'Is the separator right? Write separator = ";" or another.' : undefined,
      );
    }
    for (const target of targets!) {
      for (field of target.fields) target.writer.put(readField(record, field, target, here));
    }
    rows++;
  });
  if (rows === 0 || targets === undefined) throw dataError('D0103', place, 'the file has no rows');
  return targets.map(({ column, writer }) => ({ column, writer, rows }));
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function fieldText(record: CsvRecord, i: number): string {
  const text = record.bytes.toString('utf8', record.from[i], record.to[i]);
  return record.quoted[i] ? text.replaceAll('""', '"') : text.trim();
}

function readField(record: CsvRecord, i: number, target: CsvColumn, here: () => DataPlace): number {
  const { bytes } = record;
  const from = record.from[i]!;
  const to = record.to[i]!;
  if (target.labels) {
    const text = fieldText(record, i);
    const value = target.labels.get(text);
    if (value !== undefined) return value;
    const near = nearest(text, target.labels.keys());
    throw dataError(
      'D0142',
      here(),
      `${quoted(text)} is not a label of '${target.column.name}', which has ${[...target.labels.keys()].slice(0, 12).map(quoted).join(', ')}`,
      near === undefined ? undefined : `Did you mean ${quoted(near)}?`,
    );
  }
  // Short runs of digits are most of what there is; they need no string.
  if (to - from > 0 && to - from <= 9) {
    let value = 0;
    let at = from;
    for (; at < to; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === to) return value;
  }
  const text = bytes.toString('latin1', from, to).trim();
  if (NUMBER.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw dataError('D0144', here(), `${quoted(text)} is too large for f32`);
  }
  if (text === '') throw dataError('D0113', here(), 'the field is empty, a number is expected');
  if (/^[+-]?(nan|inf(inity)?)$/i.test(text))
    throw dataError('D0140', here(), `${text} is not a finite number`);
  throw dataError(
    'D0113',
    here(),
    `${quoted(fieldText(record, i))} is not a number`,
    record.line === 1 ? 'If the first line holds names, write header = true.' : undefined,
  );
}

function readHeader(record: CsvRecord, place: DataPlace): readonly string[] {
  const names = Array.from({ length: record.count }, (_, i) => fieldText(record, i));
  // Numbers are names only where they count the columns from 0, as pandas writes them; else the header is a row of data.
  let counted = 0;
  const numeric = names.findIndex((name) => NUMBER.test(name) && name !== String(counted++));
  if (numeric >= 0) {
    throw dataError(
      'D0110',
      { ...place, where: 'line 1' },
      `names of columns are expected, but field ${numeric + 1} is ${quoted(names[numeric]!)}`,
      'If the file has no header, name columns by position: column 0.',
    );
  }
  return names;
}

/** Positions of the fields of one column. */
function fieldsOf(
  column: Column,
  header: readonly string[] | undefined,
  width: number,
  place: DataPlace,
): readonly number[] {
  const { source } = column;
  let fields: readonly number[];
  if (source.kind === 'columns') {
    if (source.first < 0 || source.last < source.first || source.last >= width) {
      throw dataError(
        'D0115',
        place,
        `there is no column ${source.last < source.first ? `${source.first}..${source.last}` : Math.max(source.first, source.last)}: the first line has ${count(width, 'field')}, 0..${width - 1}`,
        width === 1 ? 'Is the separator right? Write separator = ";" or another.' : undefined,
      );
    }
    fields = Array.from({ length: source.last - source.first + 1 }, (_, i) => source.first + i);
  } else if (source.kind === 'named') {
    if (!header) throw dataError('D0110', place, 'columns are named but the file is read without a header');
    fields = source.names.map((name) => {
      const at = header.indexOf(name);
      if (at >= 0 && header.indexOf(name, at + 1) < 0) return at;
      if (at >= 0) throw dataError('D0111', place, `the header names ${quoted(name)} twice`);
      const near = nearest(name, header);
      const all = `The header has ${header.slice(0, 12).map(quoted).join(', ')}${header.length > 12 ? ', ...' : ''}.`;
      throw dataError(
        'D0111',
        place,
        `no column is named ${quoted(name)}`,
        near === undefined ? all : `Did you mean ${quoted(near)}?`,
      );
    });
  } else {
    throw dataError(
      'D0106',
      place,
      `a CSV file has columns, not ${source.kind}`,
      'Write column 0 or columns 0..63.',
    );
  }
  checkRowSize(column, fields.length, place, `${count(fields.length, 'field')} a row`);
  return fields;
}
