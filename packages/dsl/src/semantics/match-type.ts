/** Compares a value with a declared type, giving names in the shape the lengths that are found. */
import type { Span } from '@gensyn/ir';
import { didYouMean } from '../diagnostics/suggest.js';
import type { Expression, TypeNode } from '../syntax/ast.js';
import { frame } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { evaluate } from './evaluate.js';
import { describeItem, formatType, lookUp } from './item.js';
import type { Environment, Item } from './item.js';
import { MAX_INTEGER, MAX_RANK } from './limits.js';

const elementTypes = ['f32', 'i32', 'bool'];
/** What other languages call them. */
const aliases: Readonly<Record<string, string>> = {
  float: 'f32',
  float32: 'f32',
  int: 'integer',
  int32: 'i32',
  str: 'string',
  tensor: 'f32',
};
const plainTypes: Readonly<Record<string, string>> = {
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  string: 'a string',
};

/** Checks the form of a declared type alone. */
export function checkType(job: Elaboration, type: TypeNode): boolean {
  const { name, span } = type.name;
  if (Object.hasOwn(plainTypes, name)) {
    if (type.groups.length === 0) return true;
    job.report('L0407', `'${name}' has no shape`, { span: type.span });
    return false;
  }
  if (!elementTypes.includes(name)) {
    const help = () =>
      (Object.hasOwn(aliases, name) ? `did you mean '${aliases[name]}'?` : undefined) ??
      didYouMean(name, [...elementTypes, ...Object.keys(plainTypes)]) ??
      'types are f32[...], i32[...], integer, number, boolean and string';
    job.report('L0406', `unknown type '${name}'`, { span, help });
    return false;
  }
  if (type.groups.length > 1) {
    job.report('L0407', `${name} has one shape in brackets, found ${type.groups.length}`, {
      span: type.span,
    });
    return false;
  }
  const rank = type.groups[0]?.length ?? 0;
  if (rank > MAX_RANK) {
    job.report('L0407', `a tensor has at most ${MAX_RANK} dimensions, found ${rank}`, { span: type.span });
    return false;
  }
  return true;
}

/** A length as a constant: an integer from 1, else undefined after a report. */
export function length(
  job: Elaboration,
  environment: Environment,
  expression: Expression,
): number | undefined {
  const item = evaluate({ job, environment, frame: frame('') }, expression);
  if (item.kind === 'error') return undefined;
  if (item.kind === 'number' && Number.isInteger(item.value) && item.value >= 1 && item.value <= MAX_INTEGER)
    return item.value;
  job.report('L0405', `a length must be an integer from 1 to ${MAX_INTEGER}, found ${describeItem(item)}`, {
    span: expression.span,
  });
  return undefined;
}

/**
 * Whether `item` has the declared type. `what` names it in messages; `span` is where it comes from.
 * Names of the shape that have no value yet get one, as numbers in `environment`.
 */
export function matchType(
  job: Elaboration,
  environment: Environment,
  type: TypeNode,
  item: Item,
  what: string,
  span: Span,
  result = false,
): boolean {
  if (!checkType(job, type)) return false;
  const { name } = type.name;
  const code = result ? 'L0402' : 'L0401';
  const declared = { message: 'declared here', span: type.span };
  const plain = Object.hasOwn(plainTypes, name) ? plainTypes[name] : undefined;
  if (plain !== undefined) {
    const fits =
      name === 'integer' ? item.kind === 'number' && Number.isSafeInteger(item.value) : item.kind === name;
    if (!fits)
      job.report('L0301', `${what} must be ${plain}, found ${describeItem(item)}`, {
        span,
        notes: [declared],
      });
    return fits;
  }
  if (item.kind !== 'tensor' || item.value.type !== name) {
    job.report('L0301', `${what} must be a tensor of ${name}, found ${describeItem(item)}`, {
      span,
      notes: [declared],
    });
    return false;
  }
  const { shape } = item.value;
  const dimensions = type.groups[0] ?? [];
  const found = formatType(item.value.type, shape);
  if (dimensions.length !== shape.length) {
    const number = (rank: number) => `${rank} dimension${rank === 1 ? '' : 's'}`;
    const message = `${what} must have ${number(dimensions.length)}, found ${number(shape.length)}: ${found}`;
    job.report('L0404', message, { span, notes: [declared] });
    return false;
  }
  let fits = true;
  dimensions.forEach((dimension, axis) => {
    const actual = shape[axis]!;
    const named = dimension.kind === 'reference' ? dimension.name : undefined;
    const known = named === undefined ? undefined : lookUp(environment, named);
    if (named !== undefined && known === undefined) {
      environment.names.set(named, { item: { kind: 'number', value: actual }, span });
      return;
    }
    const wanted = length(job, environment, dimension);
    if (wanted === undefined) fits = false;
    else if (wanted !== actual) {
      fits = false;
      const shown = named === undefined ? String(wanted) : `${named} = ${wanted}`;
      const source =
        named !== undefined && known?.span !== undefined && known.span !== span
          ? [{ message: `${named} is ${wanted} from here`, span: known.span }]
          : [];
      job.report(code, `dimension ${axis + 1} of ${what} must be ${shown}, found ${actual}: ${found}`, {
        span,
        notes: [{ message: 'declared here', span: dimension.span }, ...source],
      });
    }
  });
  return fits;
}
