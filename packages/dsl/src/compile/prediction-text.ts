/** The job that predicts a data file with an ONNX network: text that `compileJob` takes, and that its user may go on from. */
import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { elements } from '@gensyn/ir';
import { describeFile } from '../data/index.js';
import type { FileDescription } from '../data/show/index.js';
import { format } from '../format/format.js';
import { describeInput } from '../import/build-network.js';
import { importError, quoted } from '../import/import-error.js';
import { openModel } from '../import/model-files.js';
import { readNetwork, type NetworkInput } from '../import/network.js';
import { importedOperator } from '../import/operators/index.js';
import { check } from '../semantics/check.js';
import { quote } from '../syntax/literals.js';

export interface PredictionRequest {
  /** Path of the .onnx file. */
  readonly model: string;
  /** Path of an .npy, .npz, IDX or csv file. */
  readonly data: string;
  /** Which output is predicted, where the network has several. */
  readonly output?: string | undefined;
  /** The right class of each row: a member of the npz file, a column of the csv file (by name or position), or a file of its own. */
  readonly label?: string | undefined;
  /** Rows a step; the network's own number if it has one, else up to 64. */
  readonly batch?: number | undefined;
  readonly precision?: number | undefined;
}

/** Rows a step where neither the network nor anybody else says how many. */
const USUAL_BATCH = 64;
/** Names that a note lists. */
const MOST_NAMED = 24;

/** Errors: L0810 to L0822 for the network and what does not fit it, D#### for the data, D0101 for labels that are nowhere. */
export async function predictionText(request: PredictionRequest): Promise<string> {
  const { model, data, output, label } = request;
  const network = readNetwork(openModel(model), (op) => importedOperator(op) !== undefined);
  const file = await describeFile(data, { rows: 0 });
  checkLabel(label, file);
  const from = (path: string): string => quote(relative(dirname(resolve(model)), resolve(path)));
  const { rows, sources } = sourcesOf(network.inputs, file, label);
  const fixed = network.inputs.map(({ shape }) => shape?.[0]).find((dim) => typeof dim === 'number');
  const batch = request.batch ?? fixed ?? Math.min(USUAL_BATCH, rows);
  const names = network.inputs.map((_, i) => (network.inputs.length === 1 ? 'x' : `x${i + 1}`));
  const columns = network.inputs.map(
    ({ type }, i) => `${names[i]}: ${type}${brackets(sources[i]!.shape)} = ${sources[i]!.source}`,
  );
  const write = (classes?: number): string =>
    format(
      [
        `model net = onnx(${quote(basename(model))}${output === undefined ? '' : `, output = ${quote(output)}`})`,
        '',
        `data rows from ${from(data)} {`,
        ...(file.format === 'csv' && file.header ? ['header = true'] : []),
        ...(file.format === 'csv' && file.separator !== ',' ? [`separator = ${quote(file.separator)}`] : []),
        ...columns,
        ...(classes === undefined ? [] : [`label: class[${classes}] = ${labelSource(label!, file, from)}`]),
        '}',
        '',
        'predict {',
        `model = net(${names.map((name) => `rows.${name}`).join(', ')})`,
        ...(classes === undefined ? [] : ['metrics = accuracy(model, rows.label)']),
        `batch = ${batch}`,
        ...(request.precision === undefined ? [] : [`precision = ${request.precision}`]),
        '}',
        '',
      ].join('\n'),
    );
  const text = write();
  if (label === undefined) return text;
  // How many classes there are shows when the network is built. What is wrong with it is told when the text is compiled.
  const { prediction } = check({ path: model, text }, () => undefined);
  const shape = prediction?.output.shape;
  if (!shape) return text;
  if (shape.length !== 2 || shape[1]! < 2)
    throw importError('L0822', `the network gives [${shape.join(', ')}], which are no scores of classes`, {
      help: 'leave out the labels, or write the comparison as a job',
    });
  return write(shape[1]!);
}

interface ColumnSource {
  readonly source: string;
  /** Of one row. */
  readonly shape: readonly number[];
}

const brackets = (shape: readonly number[]): string => (shape.length === 0 ? '' : `[${shape.join(', ')}]`);

const WRITE = 'write a job with a data and a predict block; `gensyn data show` suggests the first';

/** Where each input of the network comes from. */
function sourcesOf(
  inputs: readonly NetworkInput[],
  file: FileDescription,
  label: string | undefined,
): { rows: number; sources: ColumnSource[] } {
  const strange = inputs.find(({ type }) => type === 'bool');
  if (strange)
    throw importError('L0822', `the input ${describeInput(strange)} of the network cannot be fed from data`);
  if (file.format === 'csv') return fieldsOf(inputs, file, label);
  if (!('arrays' in file))
    throw importError(
      'L0822',
      `${file.file} ${file.format === 'bytes' ? 'holds no arrays that can be read' : 'is text'}, and a network takes numbers`,
      { help: WRITE },
    );
  const arrays = file.arrays.filter(({ name }) => file.format !== 'npz' || name !== label);
  let rows = 0;
  const sources = inputs.map((input) => {
    const array =
      arrays.find(({ name }) => name === input.name) ?? (inputs.length === 1 ? arrays[0] : undefined);
    if (!array || (arrays.length > 1 && array.name !== input.name)) {
      const found = arrays.map(({ name }) => quoted(name)).join(', ');
      throw importError('L0822', `${file.file} has no array for the input ${describeInput(input)}`, {
        notes: found === '' ? [] : [`it has ${found}`],
        help: 'name the members of an npz file like the inputs of the network',
      });
    }
    if (array.refused !== undefined)
      throw importError('L0822', `the array ${quoted(array.name)} cannot be used: ${array.refused}`);
    if (array.shape.length === 0)
      throw importError('L0822', `${file.file} holds a single number, not rows`, { help: WRITE });
    rows = array.shape[0]!;
    const source = file.format === 'npz' ? `member ${quote(array.name)}` : 'whole';
    return { source, shape: rowShape(input, array.shape.slice(1), file.file) };
  });
  return { rows, sources };
}

/** The shape that the network takes, if the data has as many numbers a row; free axes are as the data has them. */
function rowShape(input: NetworkInput, found: readonly number[], file: string): readonly number[] {
  const wanted = input.shape?.slice(1);
  if (!wanted) return found;
  const fixed = wanted.every((dim) => typeof dim === 'number') ? (wanted as number[]) : undefined;
  const fits = fixed
    ? elements(fixed) === elements(found)
    : wanted.length === found.length &&
      wanted.every((dim, axis) => typeof dim === 'string' || dim === found[axis]);
  if (fits) return fixed ?? found;
  throw importError(
    'L0822',
    `a row of ${file} is [${found.join(', ')}], and the network takes ${describeInput(input)}`,
    { help: WRITE },
  );
}

type Csv = Extract<FileDescription, { format: 'csv' }>;

/** All fields but the label, in their order. */
function fieldsOf(
  inputs: readonly NetworkInput[],
  { file, fields, rows }: Csv,
  label: string | undefined,
): { rows: number; sources: ColumnSource[] } {
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw importError('L0822', `the network has ${inputs.length} inputs, and a csv file feeds one`, {
      help: WRITE,
    });
  const used = fields.filter(({ name, position }) => name !== label && String(position) !== label);
  const [first, last] = [used[0]?.position ?? 0, used.at(-1)?.position ?? 0];
  const shape = rowShape(input, used.length === 1 && input.shape?.length === 1 ? [] : [used.length], file);
  const words = used.find(({ kind, empty }) => kind === 'words' || empty > 0);
  if (words || last - first + 1 !== used.length)
    throw importError(
      'L0822',
      words
        ? `column ${words.position} of ${file} does not hold numbers alone`
        : `the columns of ${file} around the label cannot be read in one`,
      { help: WRITE },
    );
  return { rows, sources: [{ source: `columns ${first}..${last}`, shape }] };
}

function checkLabel(label: string | undefined, file: FileDescription): void {
  if (label === undefined || existsSync(label)) return;
  const places = file.format === 'csv' ? file.fields.map(({ position }) => String(position)) : [];
  const names =
    file.format === 'csv'
      ? file.fields.flatMap(({ name }) => (name === undefined ? [] : [name]))
      : file.format === 'npz'
        ? file.arrays.map(({ name }) => name)
        : [];
  if (names.includes(label) || places.includes(label)) return;
  const part = { csv: 'a column', npz: 'a member' }[file.format as string];
  const shown = names.slice(0, MOST_NAMED).map(quoted).join(', ');
  const message = part
    ? `${quoted(label)} is neither ${part} of ${file.file} nor a file`
    : `there is no ${quoted(label)}`;
  const more = names.length > MOST_NAMED ? ', …' : '';
  throw importError('D0101', message, {
    notes:
      names.length > 0
        ? [`it has ${shown}${more}`]
        : places.length > 0
          ? [`it has columns 0 to ${places.length - 1}`]
          : [],
  });
}

function labelSource(label: string, file: FileDescription, from: (path: string) => string): string {
  if (file.format === 'npz' && file.arrays.some(({ name }) => name === label))
    return `member ${quote(label)}`;
  if (file.format === 'csv') {
    const field = file.fields.find(({ name, position }) => name === label || String(position) === label);
    if (field) return `column ${field.position}`;
  }
  return /\.(csv|csv\.gz)$/.test(label) ? `column 0 from ${from(label)}` : `whole from ${from(label)}`;
}
