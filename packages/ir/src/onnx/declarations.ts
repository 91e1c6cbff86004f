/** What an ONNX file cannot say of a canonical graph, kept as canonical JSON in the model's metadata. */
import { GensynError } from '../error.js';
import type { Role, Source, StateInit } from '../graph/graph.js';
import { range, type Range } from '../value/range.js';

export interface InputDeclaration {
  readonly name: string;
  readonly range: Range;
  readonly source: Source;
}

export interface OutputDeclaration {
  readonly name: string;
  readonly role: Role;
}

/** Keys of `metadata_props`. */
export const INPUTS_KEY = 'gensyn.inputs';
export const OUTPUTS_KEY = 'gensyn.outputs';

const ROLES: readonly Role[] = ['state', 'loss', 'metric', 'health', 'output'];

/** JSON with sorted keys and no spaces. Numbers take their shortest decimal form; only finite ones have any. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

export function writeInputs(inputs: readonly InputDeclaration[]): string {
  // A range of zero alone has no smallest non-zero value, which JSON cannot write as Infinity.
  return canonicalJson(
    inputs.map(({ name, range: r, source }) => ({
      name,
      range: { ...r, tiny: r.tiny === Infinity ? null : r.tiny },
      source,
    })),
  );
}

export function writeOutputs(outputs: readonly OutputDeclaration[]): string {
  return canonicalJson(outputs.map(({ name, role }) => ({ name, role })));
}

/** @throws GensynError G0114 when the text is no list of input declarations */
export function readInputs(text: string): InputDeclaration[] {
  return list(text, INPUTS_KEY).map((entry) => ({
    name: string(entry['name']),
    range: readRange(entry['range']),
    source: readSource(entry['source']),
  }));
}

/** @throws GensynError G0114 when the text is no list of output declarations */
export function readOutputs(text: string): OutputDeclaration[] {
  return list(text, OUTPUTS_KEY).map((entry) => {
    const role = ROLES.find((known) => known === entry['role']);
    if (!role) malformed(`no role is called ${JSON.stringify(entry['role'])}`);
    return { name: string(entry['name']), role };
  });
}

type Fields = Readonly<Record<string, unknown>>;

function malformed(why: string): never {
  throw new GensynError('G0114', `the declarations in the file's metadata are malformed: ${why}`);
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) malformed('an object is missing');
  return value as Fields;
}

function list(text: string, key: string): Fields[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    malformed(`${key} is not JSON`);
  }
  if (!Array.isArray(value)) malformed(`${key} is no list`);
  return value.map(fields);
}

function string(value: unknown): string {
  if (typeof value !== 'string') malformed('a name is missing');
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) malformed('a number is missing');
  return value;
}

function readRange(value: unknown): Range {
  const given = fields(value);
  const quantum = number(given['quantum']);
  const tiny = given['tiny'] === null ? Infinity : number(given['tiny']);
  const lo = number(given['lo']);
  const hi = number(given['hi']);
  if (!(lo <= hi) || !(tiny > 0) || !(quantum > 0) || 2 ** Math.round(Math.log2(quantum)) !== quantum)
    malformed('a range is empty');
  // Completed anew: a declaration may not claim more than its parts imply.
  return range({
    lo,
    hi,
    tiny,
    quantum,
    negativeZero: given['negativeZero'] === true,
    powerOfTwo: given['powerOfTwo'] === true,
  });
}

function readSource(value: unknown): Source {
  const given = fields(value);
  switch (given['kind']) {
    case 'state':
      return { kind: 'state', init: readInit(given['init']) };
    case 'batch':
      return { kind: 'batch', dataset: string(given['dataset']), column: string(given['column']) };
    case 'dropout':
      return { kind: 'dropout', stream: number(given['stream']), keep: number(given['keep']) };
    case 'free':
      return { kind: 'free' };
    default:
      malformed(`no source is called ${JSON.stringify(given['kind'])}`);
  }
}

function readInit(value: unknown): StateInit {
  const given = fields(value);
  if (given['kind'] === 'uniform')
    return { kind: 'uniform', stream: number(given['stream']), bound: number(given['bound']) };
  if (given['kind'] === 'constant') return { kind: 'constant', value: number(given['value']) };
  if (given['kind'] === 'given') {
    const root = string(given['root']);
    if (!/^[0-9a-f]{64}$/.test(root)) malformed('a root is no 64 hex digits');
    return { kind: 'given', root };
  }
  malformed('a state has no start');
}
