/** Constants where the job asks for one of a given kind: settings, bounds, counts. */
import type { Expression } from '../syntax/ast.js';
import { frame } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { evaluate } from './evaluate.js';
import { describeItem, formatNumber } from './item.js';
import type { Item } from './item.js';

export interface Limits {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** Where the limits come from, and what would do. */
  readonly why?: string;
  readonly help?: string;
}

export function constant(job: Elaboration, expression: Expression): Item {
  return evaluate({ job, environment: job.globals, frame: frame('') }, expression);
}

/** A number within limits, or undefined after a report. `what` begins the message: `'batch'`. */
export function numberWithin(
  job: Elaboration,
  expression: Expression,
  what: string,
  limits: Limits,
): number | undefined {
  const item = constant(job, expression);
  if (item.kind === 'error') return undefined;
  const { min, max, integer = false, why, help } = limits;
  if (
    item.kind === 'number' &&
    item.value >= min &&
    item.value <= max &&
    (!integer || Number.isInteger(item.value))
  ) {
    return item.value;
  }
  const range =
    max === Infinity
      ? `of at least ${formatNumber(min)}`
      : `from ${formatNumber(min)} to ${formatNumber(max)}`;
  job.report(
    'L0504',
    `${what} must be ${integer ? 'an integer' : 'a number'} ${range}${why === undefined ? '' : ` (${why})`}, found ${describeItem(item)}`,
    { span: expression.span, help },
  );
  return undefined;
}

export function textOf(job: Elaboration, expression: Expression, what: string): string | undefined {
  const item = constant(job, expression);
  if (item.kind === 'string') return item.value;
  if (item.kind !== 'error') {
    job.report('L0504', `${what} must be a string, found ${describeItem(item)}`, { span: expression.span });
  }
  return undefined;
}

export function booleanOf(job: Elaboration, expression: Expression, what: string): boolean | undefined {
  const item = constant(job, expression);
  if (item.kind === 'boolean') return item.value;
  if (item.kind !== 'error') {
    job.report('L0504', `${what} must be true or false, found ${describeItem(item)}`, {
      span: expression.span,
    });
  }
  return undefined;
}
