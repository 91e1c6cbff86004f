/** Calls of library functions, of optimisers and schedules, and of functions on constants. */
import type { Span } from '@gensyn/ir';
import type { LibraryFunction, Parameter, RecordFunction, RecordValue, Value } from '../library/function.js';
import type { Argument, Call } from '../syntax/ast.js';
import { quote } from '../syntax/literals.js';
import { bindArguments } from './bind-arguments.js';
import { constantFunctions } from './constant-functions.js';
import { nextPath, scopeOf } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { build, evaluate } from './evaluate.js';
import type { Context } from './evaluate.js';
import { describeItem, ERROR, formatNumber } from './item.js';
import type { Item } from './item.js';
import { MAX_INTEGER } from './limits.js';

type AnyParameter = Omit<Parameter, 'type'> & { readonly type: Parameter['type'] | 'schedule' };

const wanted: Readonly<Record<AnyParameter['type'], string>> = {
  tensor: 'a tensor',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  string: 'a string',
  schedule: 'a number or a schedule',
};

function matches(type: AnyParameter['type'], item: Item): boolean {
  switch (type) {
    case 'integer':
      return item.kind === 'number' && Number.isSafeInteger(item.value);
    case 'schedule':
      return item.kind === 'number' || (item.kind === 'record' && item.family === 'schedule');
    default:
      return item.kind === type;
  }
}

/** The value of an argument, if it is what the parameter takes. */
function accept(
  job: Elaboration,
  callee: string,
  parameter: AnyParameter,
  item: Item,
  span: Span,
): Value | RecordValue | undefined {
  const { name, type } = parameter;
  if (item.kind === 'error') return undefined;
  if (!matches(type, item)) {
    job.report('L0301', `'${name}' of '${callee}' must be ${wanted[type]}, found ${describeItem(item)}`, {
      span,
    });
    return undefined;
  }
  if (item.kind === 'number') {
    const min = parameter.min ?? (type === 'integer' ? -MAX_INTEGER : -Infinity);
    const max = parameter.max ?? (type === 'integer' ? MAX_INTEGER : Infinity);
    if (item.value < min || item.value > max) {
      const limits =
        min === -Infinity || (min < 0 && max === MAX_INTEGER)
          ? `at most ${formatNumber(max)}`
          : max === Infinity
            ? `at least ${formatNumber(min)}`
            : `from ${formatNumber(min)} to ${formatNumber(max)}`;
      job.report('L0306', `'${name}' of '${callee}' must be ${limits}, found ${formatNumber(item.value)}`, {
        span,
      });
      return undefined;
    }
  }
  return (item as { value: Value | RecordValue }).value;
}

export function formatDefault(value: number | boolean | string): string {
  return typeof value === 'string'
    ? quote(value)
    : typeof value === 'number'
      ? formatNumber(value)
      : String(value);
}

function bind(
  context: Context,
  call: Call,
  parameters: readonly AnyParameter[],
): ReadonlyMap<string, readonly Argument[]> | undefined {
  const formals = parameters.map(({ name, default: value, rest, optional }) => ({
    name,
    rest,
    required: value === undefined && rest !== true && optional !== true,
  }));
  return bindArguments(context.job, call, formals);
}

/** Evaluates and checks the arguments and fills in defaults; undefined if anything is wrong. */
function accepted(
  context: Context,
  call: Call,
  parameters: readonly AnyParameter[],
): Record<string, Value | RecordValue | readonly number[]> | undefined {
  const { job } = context;
  const { name: callee } = call.callee;
  const bound = bind(context, call, parameters);
  if (bound === undefined) {
    // The arguments may hold mistakes of their own.
    for (const argument of call.args) evaluate(context, argument.value);
    return undefined;
  }
  const values: Record<string, Value | RecordValue | readonly number[]> = {};
  let fits = true;
  for (const parameter of parameters) {
    const args = bound.get(parameter.name) ?? [];
    const found = args.map(({ value }) =>
      accept(
        job,
        callee,
        parameter,
        evaluate({ ...context, records: parameter.type === 'schedule' }, value),
        value.span,
      ),
    );
    if (found.includes(undefined)) fits = false;
    else if (parameter.rest === true) values[parameter.name] = found as number[];
    else if (found.length > 0) values[parameter.name] = found[0]!;
    else if (parameter.optional !== true) {
      values[parameter.name] = parameter.default!;
      job.defaulted(`${callee}.${parameter.name}`, formatDefault(parameter.default!));
    }
  }
  return fits ? values : undefined;
}

function argumentSpan(call: Call, parameters: readonly Parameter[], name: string): Span | undefined {
  const named = call.args.find((each) => each.name?.name === name);
  const place = parameters.findIndex((each) => each.name === name);
  const byPlace = call.args[place];
  return (named ?? (byPlace?.name === undefined ? byPlace : undefined))?.value.span;
}

export function callLibrary(context: Context, call: Call, target: LibraryFunction): Item {
  const { job, frame } = context;
  const values = accepted(context, call, target.parameters);
  if (values === undefined) return ERROR;
  // Numbered after its arguments, so that layers count from the input on.
  const path = nextPath(frame, target.name);
  return build(
    job,
    call.span,
    () =>
      target.build(
        scopeOf(job, path, call.span),
        values as Record<string, Value | readonly number[]>,
        call.span,
      ),
    (name) => argumentSpan(call, target.parameters, name),
  );
}

export function callRecord(context: Context, call: Call, target: RecordFunction): Item {
  const fields = accepted(context, call, target.parameters);
  if (fields === undefined) return ERROR;
  const value: RecordValue = { name: target.name, fields: fields as RecordValue['fields'], span: call.span };
  return { kind: 'record', value, family: target.kind };
}

/** A call on numbers alone is computed now. Undefined if it is for the library: `abs` of a tensor. */
export function callConstant(
  context: Context,
  call: Call,
  library: LibraryFunction | undefined,
): Item | undefined {
  const { job } = context;
  const { name } = call.callee;
  const target = constantFunctions.get(name);
  if (target === undefined) return undefined;
  if (library !== undefined) {
    // Constants have no side effects, so looking at the arguments twice changes nothing but the budget.
    const constant = call.args.every((each) => each.name === undefined && isConstant(context, each));
    if (!constant) return undefined;
  }
  const [least, most] = target.arity;
  const items = call.args.map((each) => ({ item: evaluate(context, each.value), argument: each }));
  for (const { item, argument } of items) {
    if (item.kind === 'error') return ERROR;
    if (argument.name !== undefined) {
      job.report('L0303', `'${name}' has no parameter '${argument.name.name}'`, { span: argument.name.span });
      return ERROR;
    }
    if (item.kind !== 'number') {
      job.report('L0301', `'${name}' takes numbers, found ${describeItem(item)}`, {
        span: argument.value.span,
      });
      return ERROR;
    }
  }
  if (items.length < least || items.length > most) {
    const amount = least === most ? `${least} argument` : `${least} to ${most} arguments`;
    const code = items.length < least ? 'L0302' : 'L0304';
    job.report(code, `'${name}' takes ${amount}, found ${items.length}`, { span: call.span });
    return ERROR;
  }
  const value = target.apply(...items.map(({ item }) => (item as { value: number }).value));
  if (Number.isFinite(value)) return { kind: 'number', value };
  job.report(
    'L0311',
    `'${name}' has no value for ${items.map(({ item }) => formatNumber((item as { value: number }).value)).join(', ')}`,
    { span: call.span },
  );
  return ERROR;
}

/** Whether an argument is a number, told from its form alone so that no layer is built for the question. */
function isConstant(context: Context, { value }: Argument): boolean {
  const pending = [value];
  for (let expression = pending.pop(); expression !== undefined; expression = pending.pop()) {
    if (expression.kind === 'chain')
      pending.push(expression.first, ...expression.rest.map((each) => each.operand));
    else if (expression.kind === 'negation') pending.push(expression.operand);
    else if (expression.kind === 'reference') {
      if (evaluate(context, expression).kind !== 'number') return false;
    } else if (expression.kind === 'call') {
      if (!constantFunctions.has(expression.callee.name)) return false;
      pending.push(...expression.args.map((each) => each.value));
    } else if (expression.kind !== 'number') return false;
  }
  return true;
}
