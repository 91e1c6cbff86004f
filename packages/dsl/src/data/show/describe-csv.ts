/** Looks through a CSV file: whether it has a header, and what its fields hold. */
import { dataError } from '../problem.js';
import { readCsvRecords, type CsvRecord } from '../csv-record.js';
import { NUMBER } from '../csv.js';
import { readContent, type SourceFile } from '../source-file.js';
import type { FieldDescription } from './description.js';
import { MOST_DIFFERENT, tally } from './tally.js';

export interface CsvDescription {
  readonly rows: number;
  readonly header: boolean;
  readonly separator: string;
  readonly fields: readonly FieldDescription[];
  readonly first: readonly (readonly string[])[];
}

const SEPARATORS = [',', ';', '\t', '|'] as const;
const MOST_FIELDS = 65536;

/** The separator that the first line has most of; a comma where it has none. */
async function separatorOf(source: SourceFile): Promise<string> {
  let line = '';
  for await (const chunk of readContent(source)) {
    line += chunk.toString('latin1', 0, 1 << 16);
    break;
  }
  line = line.slice(0, line.indexOf('\n') < 0 ? undefined : line.indexOf('\n'));
  const counts = SEPARATORS.map((each) => line.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

interface Field {
  readonly numbers: ReturnType<typeof tally>;
  readonly words: Set<string>;
  numeric: boolean;
  empty: number;
}

function add(field: Field, text: string): void {
  if (text === '') field.empty++;
  else if (field.numeric && NUMBER.test(text)) field.numbers.add(Number(text));
  else field.numeric = false;
  if (field.words.size <= MOST_DIFFERENT && text !== '') field.words.add(text);
}

/** @throws GensynError D0102..D0105, D0112, D0114, D0130 */
export async function describeCsv(source: SourceFile, shown: number): Promise<CsvDescription> {
  const separator = await separatorOf(source);
  const first: string[][] = [];
  let fields: Field[] = [];
  let names: string[] = [];
  let rows = 0;
  await readCsvRecords(readContent(source), separator.charCodeAt(0), source.place, (record) => {
    const texts = textsOf(record);
    if (rows++ === 0) {
      names = texts;
      if (texts.length > MOST_FIELDS)
        throw dataError('D0112', source.place, `the first line has ${texts.length} fields`);
      fields = texts.map(() => ({ numbers: tally(), words: new Set(), numeric: true, empty: 0 }));
      return;
    }
    if (texts.length !== fields.length)
      throw dataError(
        'D0112',
        { ...source.place, where: `line ${record.line}` },
        `${texts.length} fields, but the first line has ${fields.length}`,
      );
    if (first.length < shown) first.push(texts);
    texts.forEach((text, i) => add(fields[i]!, text));
  });
  if (rows === 0) throw dataError('D0103', source.place, 'the file has no rows');
  // A first line without numbers above at least one column of numbers holds names.
  const header =
    rows > 1 &&
    names.every((name) => name !== '' && !NUMBER.test(name)) &&
    fields.some(({ numeric, empty }) => numeric && empty < rows - 1);
  if (!header) {
    names.forEach((text, i) => add(fields[i]!, text));
    first.unshift(names);
  }
  return {
    rows: header ? rows - 1 : rows,
    header,
    separator,
    first: first.slice(0, shown),
    fields: fields.map(({ numbers, words, numeric, empty }, position) => {
      const values = numbers.result();
      const named = header ? { name: names[position]! } : {};
      if (numeric && values.count > 0) return { position, ...named, kind: 'numbers', values, empty };
      return {
        position,
        ...named,
        kind: 'words',
        empty,
        ...(words.size > MOST_DIFFERENT ? {} : { words: [...words].sort() }),
      };
    }),
  };
}

function textsOf({ bytes, count, from, to, quoted }: CsvRecord): string[] {
  return Array.from({ length: count }, (_, i) => {
    const text = bytes.toString('utf8', from[i], to[i]);
    return quoted[i] ? text.replaceAll('""', '"') : text.trim();
  });
}
