/** Writes the `data` block that a job could begin with: a first guess, made to be changed. */
import { basename } from 'node:path';
import { format } from '../../format/format.js';
import { quote } from '../../syntax/literals.js';
import type { ArrayDescription, FieldDescription, TextDescription } from './description.js';
import { joined, type Tally } from './tally.js';

const MOST_NAMES = 24;
/** More classes than this are more likely numbers to predict. */
const MOST_CLASSES = 1000;
const SEQUENCE = 64;
const RESERVED = /^(import|param|let|fn|data|from|train|verify|market|repeat|true|false)$/;

/** A word that the job can use as a name. */
export function nameOf(text: string, fallback: string): string {
  const name = text
    .normalize('NFD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
  if (name === '' || RESERVED.test(name)) return fallback;
  return /^[0-9]/.test(name) ? `${fallback}_${name}` : name;
}

/** Names of columns, each once. */
function distinct(): (text: string, fallback: string) => string {
  const taken = new Set<string>();
  return (text, fallback) => {
    const base = nameOf(text, fallback);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
    taken.add(name);
    return name;
  };
}

/** The block in the layout of `gensyn fmt`. */
export function block(file: string, lines: readonly string[]): string {
  const name = nameOf(basename(file).replace(/\.(gz|[a-z0-9]+)(\.gz)?$/i, ''), 'examples');
  const text = `data ${name} from ${quote(file)} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  return format(text);
}

const number = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * Brings a column to a range of about one: bytes and counts by their largest value, others by mean and deviation.
 * @param picture whether the values are bytes of pictures, which rarely use the whole range
 */
export function scaledSource(
  source: string,
  { min, max, mean, deviation, integers }: Tally,
  picture = false,
): string {
  if (integers && min >= 0 && max > 1)
    return `${source} / ${max < 255 && max > (picture ? 16 : 200) ? 255 : max}`;
  if (min >= -4 && max <= 4) return source;
  const by = Number(number(deviation));
  if (!(by > 0)) return source;
  const offset = Number(number(mean));
  if (offset === 0) return `${source} / ${by}`;
  return `(${source} ${offset < 0 ? '+' : '-'} ${Math.abs(offset)}) / ${by}`;
}

/** Whether integers number classes: from 0, few, and each there. */
function classesIn(values: Tally, rows: number): number | undefined {
  if (!values.integers || values.min !== 0 || values.max < 1 || values.max >= MOST_CLASSES) return undefined;
  return values.different === values.max + 1 && rows >= 2 * values.different ? values.max + 1 : undefined;
}

const classType = (names: readonly string[] | undefined, count: number): string =>
  names && names.length === count && count <= MOST_NAMES
    ? `class[${names.map(quote).join(', ')}]`
    : `class[${count}]`;

export function arrayLines(arrays: readonly ArrayDescription[], format: 'idx' | 'npy' | 'npz'): string[] {
  const names = arrays.find(({ words }) => words)?.words;
  const unique = distinct();
  return arrays.flatMap(({ name, type, shape, values }) => {
    if (!values) return [];
    const source = format === 'npz' ? `member ${quote(name)}` : 'whole';
    const row = shape.slice(1);
    const classes = row.length === 0 && !type.startsWith('f') ? classesIn(values, shape[0]!) : undefined;
    const column = unique(name, classes ? 'label' : 'x');
    if (classes) return [`${column}: ${classType(names, classes)} = ${source}`];
    const dims = row.length === 0 ? '' : `[${row.join(', ')}]`;
    return [`${column}: f32${dims} = ${scaledSource(source, values, type === 'u8' && row.length >= 2)}`];
  });
}

export function csvLines(
  fields: readonly FieldDescription[],
  rows: number,
  header: boolean,
  separator: string,
): string[] {
  const reference = ({ position, name }: FieldDescription): string =>
    header ? `column ${quote(name!)}` : `column ${position}`;
  const classes = (field: FieldDescription): number | undefined => {
    if (field.empty > 0) return undefined;
    if (field.kind === 'numbers') return classesIn(field.values!, rows);
    const count = field.words?.length ?? 0;
    return count >= 2 && count <= MOST_CLASSES && 2 * count <= rows ? count : undefined;
  };
  const known = /^(label|class|target|y|species|category|kind|digit|letter|outcome)$/i;
  const label =
    fields.find((field) => field.name !== undefined && known.test(field.name) && classes(field)) ??
    fields.findLast((field) => field.kind === 'words' && classes(field)) ??
    [fields.at(-1)!, fields[0]!].find((field) => fields.length > 1 && classes(field));
  const features = fields.filter((field) => field !== label && field.kind === 'numbers' && field.empty === 0);
  const unique = distinct();
  const lines: string[] = [];
  if (separator !== ',') lines.push(`separator = ${quote(separator)}`);
  const single = header && features.length <= 16;
  for (const run of single ? features.map((field) => [field]) : runs(features)) {
    const [first, last] = [run[0]!, run.at(-1)!];
    const source =
      run.length === 1
        ? reference(first)
        : header
          ? `columns ${run.map(({ name }) => quote(name!)).join(', ')}`
          : `columns ${first.position}..${last.position}`;
    const values = joined(run.map(({ values }) => values!));
    const type = run.length === 1 ? 'f32' : `f32[${run.length}]`;
    lines.push(
      `${unique(single ? first.name! : 'x', `x${first.position}`)}: ${type} = ${scaledSource(source, values)}`,
    );
  }
  if (label) {
    const type =
      label.kind === 'words' ? `class[${label.words!.map(quote).join(', ')}]` : `class[${classes(label)}]`;
    lines.push(`${unique(label.name ?? 'label', 'label')}: ${type} = ${reference(label)}`);
  }
  return lines;
}

/** Fields that follow each other. */
function runs(fields: readonly FieldDescription[]): FieldDescription[][] {
  const result: FieldDescription[][] = [];
  for (const field of fields) {
    const run = result.at(-1);
    if (run && run.at(-1)!.position + 1 === field.position) run.push(field);
    else result.push([field]);
  }
  return result;
}

/** @param labels the file of the labels, where it is one of its own */
export function imageLines(
  row: readonly number[],
  classes: readonly string[],
  labels: string | undefined,
): string[] {
  const [image, label] = labels
    ? ['whole', `whole from ${quote(labels)}`]
    : ['member "image"', 'member "label"'];
  return [
    `image: f32[${row.join(', ')}] = ${image} / 255`,
    `label: ${classType(classes, classes.length)} = ${label}`,
  ];
}

/** Windows in which each place learns what comes next; lines, where they are short, as names are. */
export function textLines({ alphabet, longestLine, lines, characters }: TextDescription): string[] {
  const letters = [...alphabet].filter((char) => char !== '\n').length;
  const short = lines > 20 && longestLine <= 40;
  if (short)
    return [
      `before: class[${letters + 1}][8] = chars -8..-1 of line`,
      `next: class[${letters + 1}] = chars 0 of line`,
    ];
  return windows('chars', [...alphabet].length, characters);
}

export function windows(level: 'chars' | 'bytes', tokens: number, length: number): string[] {
  const t = Math.max(1, Math.min(SEQUENCE, Math.floor(length / 4)));
  return [
    `stride = ${t}`,
    `here: class[${tokens}][${t}] = ${level} 0..${t - 1} of text`,
    `next: class[${tokens}][${t}] = ${level} 1..${t} of text`,
  ];
}
