/** What `gensyn data show` says of a file. */
import type { ArrayDescription, FieldDescription, FileDescription, Tally } from '@gensyn/dsl';
import chalk from 'chalk';
import { printable } from '../dispute/printable.js';
import { block } from '../job-summary.js';
import { table } from '../table.js';
import { bytes, count, counted } from '../words.js';
import { suggestedLines } from './image-lines.js';

const MOST_COLUMNS = 32;
const WIDEST = 24;

const NAMES: Readonly<Record<FileDescription['format'], string>> = {
  csv: 'CSV',
  idx: 'IDX array',
  npy: 'npy array',
  npz: 'npz, arrays by name',
  text: 'text, UTF-8',
  bytes: 'bytes',
};

const short = (value: number): string => String(Number(value.toPrecision(5)));

const cut = (text: string): string => printable(text, WIDEST);

function valueCells(values: Tally | undefined): string[] {
  if (!values) return ['', '', ''];
  const kind = values.integers ? 'integers' : 'numbers';
  const different = values.different === undefined ? '' : `, ${count(values.different)} different`;
  const bad = values.notFinite > 0 ? `, ${count(values.notFinite)} not finite` : '';
  return [
    kind + different + bad,
    `${short(values.min)} .. ${short(values.max)}`,
    `${short(values.mean)} ± ${short(values.deviation)}`,
  ];
}

function arrayTable(arrays: readonly ArrayDescription[]): string {
  return table(
    ['array', 'type', 'shape', 'values', 'range', 'mean'],
    arrays.map(({ name, type, shape, values, words, refused }) => [
      cut(name) || 'whole',
      type,
      `[${shape.join(', ')}]`,
      ...(values
        ? valueCells(values)
        : [words ? words.slice(0, 12).map(cut).join(', ') : `not read: ${cut(refused ?? '')}`, '', '']),
    ]),
  );
}

function fieldTable(fields: readonly FieldDescription[]): string {
  return table(
    ['column', 'name', 'values', 'range', 'mean'],
    fields.map(({ position, name = '', kind, values, words, empty }) => {
      const missing = empty > 0 ? `${count(empty)} empty; ` : '';
      const [what = '', range = '', mean = ''] =
        kind === 'numbers'
          ? valueCells(values)
          : [words ? `${count(words.length)} words: ${words.slice(0, 4).map(cut).join(', ')}` : 'many words'];
      return [String(position), cut(name), missing + what, range, mean];
    }),
    [0],
  );
}

function rowLines(rows: readonly (readonly (string | number)[])[], width: number): string[] {
  return rows.map(
    (row) =>
      `  ${row.map((value) => (typeof value === 'number' ? short(value) : cut(value))).join('  ')}${width > row.length ? '  …' : ''}`,
  );
}

export function describedLines(file: FileDescription): string[] {
  const head: (readonly [string, string])[] = [
    ['file', printable(file.file)],
    ['format', `${NAMES[file.format]}, ${bytes(file.bytes)}`],
  ];
  const body: string[] = [];
  switch (file.format) {
    case 'csv': {
      head.push(
        [
          'rows',
          `${count(file.rows)} of ${counted(file.fields.length, 'field')}, ${file.header ? 'below a line of names' : 'no line of names'}`,
        ],
        ...(file.separator === ',' ? [] : [['separator', JSON.stringify(file.separator)] as const]),
      );
      body.push(fieldTable(file.fields.slice(0, MOST_COLUMNS)));
      if (file.fields.length > MOST_COLUMNS)
        body.push(`  and ${count(file.fields.length - MOST_COLUMNS)} more`);
      if (file.first.length > 0) body.push('', chalk.dim('first rows'));
      body.push(
        ...rowLines(
          file.first.map((row) => row.slice(0, 16)),
          file.fields.length,
        ),
      );
      break;
    }
    case 'text':
      head.push(
        [
          'length',
          `${counted(file.text.characters, 'character')} in ${counted(file.text.lines, 'line')}, the longest of ${count(file.text.longestLine)}`,
        ],
        [
          'alphabet',
          `${count([...file.text.alphabet].length)} characters: ${printable(JSON.stringify(file.text.alphabet), 120)}`,
        ],
      );
      body.push(chalk.dim('first lines'), ...file.first.map((line) => `  ${printable(line, 100)}`));
      break;
    case 'bytes':
      head.push(['not text', file.why]);
      break;
    default: {
      body.push(arrayTable(file.arrays));
      const [array] = file.arrays;
      if (array?.first && array.first.length > 0) {
        const width = array.shape.slice(1).reduce((product, dim) => product * dim, 1);
        body.push('', chalk.dim(`first rows${array.name === '' ? '' : ` of ${cut(array.name)}`}`));
        body.push(...rowLines(array.first, width));
      }
    }
  }
  return [block(head), '', ...body, '', ...suggestedLines(file.suggestion)];
}
