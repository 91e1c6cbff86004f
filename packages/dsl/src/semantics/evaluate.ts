/** Gives every expression its value: constants are computed, tensors are built. */
import type { Span } from '@gensyn/ir';
import { broadcastShape } from '@gensyn/ir';
import { ArgumentError } from '../library/function.js';
import { add, at, column as columnOf, div, mul, neg, scalar, sub } from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Call, Chain, Expression, Operator } from '../syntax/ast.js';
import { callFunction } from './call-function.js';
import { callNetwork } from './call-network.js';
import { callConstant, callLibrary, callRecord } from './call-library.js';
import { count } from './elaboration.js';
import type { Elaboration, Frame } from './elaboration.js';
import { describeItem, ERROR, formatType, lookUp } from './item.js';
import type { Environment, Item } from './item.js';
import { MAX_ELEMENTS } from './limits.js';

/** Where an expression stands. */
export interface Context {
  readonly job: Elaboration;
  readonly environment: Environment;
  readonly frame: Frame;
  /** Optimisers and schedules are looked up before functions of the same name (`linear`). */
  readonly records?: boolean;
}

export function evaluate(context: Context, expression: Expression): Item {
  return context.job.enter(expression.span, () => evaluateOne(context, expression));
}

function evaluateOne(context: Context, expression: Expression): Item {
  const { job, environment } = context;
  switch (expression.kind) {
    case 'number':
      if (expression.unit === '' || expression.unit === '%')
        return { kind: 'number', value: expression.value };
      return { kind: 'duration', seconds: expression.value };
    case 'string':
      return { kind: 'string', value: expression.value };
    case 'boolean':
      return { kind: 'boolean', value: expression.value };
    case 'reference':
      return lookUp(environment, expression.name)?.item ?? ERROR;
    case 'member':
      return column(job, expression.object.name, expression.property.name, expression.span);
    case 'list':
      return { kind: 'list', items: expression.items.map((item) => evaluate(context, item)) };
    case 'negation':
      return negate(job, evaluate(context, expression.operand), expression.span);
    case 'chain':
      return chain(context, expression);
    case 'call':
      return call(context, expression);
    case 'missing':
      return ERROR;
  }
}

function column(job: Elaboration, dataset: string, name: string, span: Span): Item {
  const found = job.datasets.get(dataset)?.columns.find((each) => each.name === name);
  if (found === undefined) return ERROR;
  if (job.batch === undefined || job.bodies > 0) return ERROR;
  const type = found.type === 'class' ? 'i32' : found.type;
  const shape = [job.batch, ...found.shape];
  return {
    kind: 'tensor',
    value: at(span, () => columnOf(dataset, name, shape, type)),
  };
}

function call(context: Context, expression: Call): Item {
  const { job } = context;
  const { name } = expression.callee;
  const { functions, networks, libraryFunctions, records } = job.declarations;
  const record = records.get(name);
  const library = libraryFunctions.get(name);
  if (record !== undefined && (context.records === true || library === undefined))
    return callRecord(context, expression, record);
  const own = functions.get(name);
  if (own !== undefined) return callFunction(context, expression, own);
  const network = networks.get(name);
  if (network !== undefined) return callNetwork(context, expression, network);
  return (
    callConstant(context, expression, library) ??
    (library === undefined ? ERROR : callLibrary(context, expression, library))
  );
}

/** Runs a builder of tensors; what it refuses is reported at `span`, or at the argument that it names. */
export function build(
  job: Elaboration,
  span: Span,
  make: () => Tensor,
  spanOf: (argument: string) => Span | undefined = () => undefined,
): Item {
  job.spend(span);
  try {
    const value = at(span, make);
    if (count(value.shape) > MAX_ELEMENTS || value.shape.some((dim) => dim < 1)) {
      job.report(
        'L0125',
        `the result would be ${formatType(value.type, value.shape)}: a tensor has from 1 to ${MAX_ELEMENTS} elements`,
        { span },
      );
      return ERROR;
    }
    return { kind: 'tensor', value };
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const place = error.argument === undefined ? undefined : spanOf(error.argument);
    job.report('L0310', error.message, { span: place ?? span, help: error.help });
    return ERROR;
  }
}

function negate(job: Elaboration, operand: Item, span: Span): Item {
  if (operand.kind === 'number') return { kind: 'number', value: 0 - operand.value };
  if (operand.kind === 'tensor' && operand.value.type === 'f32')
    return build(job, span, () => neg(operand.value));
  if (operand.kind !== 'error')
    job.report('L0308', `'-' needs a number or an f32 tensor, found ${describeItem(operand)}`, { span });
  return ERROR;
}

function chain(context: Context, { first, rest }: Chain): Item {
  let left = evaluate(context, first);
  let leftSpan = first.span;
  for (const { operator, operand, at: place } of rest) {
    const right = evaluate(context, operand);
    left = binary(
      context.job,
      operator,
      { item: left, span: leftSpan },
      { item: right, span: operand.span },
      place,
    );
    leftSpan = { ...first.span, length: operand.span.offset + operand.span.length - first.span.offset };
  }
  return left;
}

interface Operand {
  readonly item: Item;
  readonly span: Span;
}

const arithmetic: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const builders: Readonly<Record<Operator, (a: Tensor, b: Tensor) => Tensor>> = {
  '+': add,
  '-': sub,
  '*': mul,
  '/': div,
};

function binary(job: Elaboration, operator: Operator, left: Operand, right: Operand, place: Span): Item {
  const [a, b] = [left.item, right.item];
  if (a.kind === 'error' || b.kind === 'error') return ERROR;
  if (a.kind === 'number' && b.kind === 'number') {
    const value = arithmetic[operator](a.value, b.value);
    if (Number.isFinite(value)) return { kind: 'number', value };
    const message = b.value === 0 ? 'division by zero' : `the result of '${operator}' is too large`;
    job.report('L0311', message, { span: place });
    return ERROR;
  }
  for (const { item, span } of [left, right]) {
    const fits = item.kind === 'number' || (item.kind === 'tensor' && item.value.type === 'f32');
    if (fits) continue;
    const help =
      item.kind === 'tensor'
        ? 'indices and classes have no arithmetic; one_hot or embedding turns them into f32'
        : undefined;
    job.report('L0308', `'${operator}' needs numbers or f32 tensors, found ${describeItem(item)}`, {
      span,
      help,
    });
    return ERROR;
  }
  const tensor = (item: Item): Tensor =>
    item.kind === 'tensor' ? item.value : at(place, () => scalar((item as { value: number }).value));
  const [x, y] = [tensor(a), tensor(b)];
  if (!broadcastShape([x.shape, y.shape])) {
    job.report(
      'L0403',
      `'${operator}' cannot combine ${formatType('f32', x.shape)} with ${formatType('f32', y.shape)}`,
      {
        span: place,
        notes: [
          { message: `this is ${formatType('f32', x.shape)}`, span: left.span },
          { message: `this is ${formatType('f32', y.shape)}`, span: right.span },
        ],
        help: 'counted from the last, lengths must be equal or 1',
      },
    );
    return ERROR;
  }
  return build(job, place, () => builders[operator](x, y));
}
