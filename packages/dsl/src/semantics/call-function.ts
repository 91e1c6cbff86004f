/** Calls of the job's own functions and models: shapes are matched with what is declared, and the body is built. */
import type { Span } from '@gensyn/ir';
import type { Block, Call, FunctionNode, Statement } from '../syntax/ast.js';
import { bindArguments } from './bind-arguments.js';
import { frame, nextPath } from './elaboration.js';
import type { Elaboration, Frame } from './elaboration.js';
import { evaluate } from './evaluate.js';
import type { Context } from './evaluate.js';
import { describeItem, ERROR, inner, lookUp } from './item.js';
import type { Environment, Item } from './item.js';
import { MAX_REPEAT } from './limits.js';
import { matchType } from './match-type.js';

export function callFunction(context: Context, call: Call, target: FunctionNode): Item {
  const { job } = context;
  const { name } = target.name;
  job.called.add(name);
  const formals = target.parameters.map((each) => ({
    name: each.name.name,
    required: each.default === undefined,
    span: each.name.span,
  }));
  const bound = bindArguments(job, call, formals);
  if (bound === undefined) {
    for (const argument of call.args) evaluate(context, argument.value);
    return ERROR;
  }
  const items = new Map<string, { item: Item; span: Span }>();
  for (const parameter of target.parameters) {
    const argument = bound.get(parameter.name.name)?.[0];
    if (argument !== undefined) {
      items.set(parameter.name.name, { item: evaluate(context, argument.value), span: argument.value.span });
    } else if (parameter.default !== undefined) {
      const item = evaluate({ job, environment: job.globals, frame: frame(name) }, parameter.default);
      items.set(parameter.name.name, { item, span: parameter.default.span });
      job.defaulted(
        `${name}.${parameter.name.name}`,
        describeItem(item).replace(/^the (number|string) /, ''),
      );
    }
  }
  if (job.recursive.has(name)) return ERROR;
  const path = target.kind === 'model' ? name : nextPath(context.frame, name);
  return buildBody(job, target, path, items, call.span);
}

/** Builds a body for these arguments. `span` is the call, or undefined for a body that is only checked. */
export function buildBody(
  job: Elaboration,
  target: FunctionNode,
  path: string,
  items: ReadonlyMap<string, { readonly item: Item; readonly span: Span | undefined }>,
  span: Span | undefined,
): Item {
  const { name } = target.name;
  const environment = inner(job.globals);
  let fits = true;
  for (const parameter of target.parameters) {
    const given = items.get(parameter.name.name);
    if (given === undefined) continue;
    if (given.item.kind === 'error') fits = false;
    else if (parameter.type !== undefined) {
      const what = `'${parameter.name.name}' of '${name}'`;
      fits =
        matchType(job, environment, parameter.type, given.item, what, given.span ?? parameter.name.span) &&
        fits;
    }
    environment.names.set(parameter.name.name, { item: given.item, span: given.span });
  }
  if (!fits) return ERROR;
  const run = () => {
    const own = inner(environment);
    const result = runBlock({ job, environment: own, frame: frame(path) }, target.body);
    if (target.result === undefined || result.kind === 'error') return result;
    const at = target.body.statements.at(-1)!.span;
    return matchType(job, environment, target.result, result, `the result of '${name}'`, at, true)
      ? result
      : ERROR;
  };
  job.bodies++;
  try {
    return span === undefined ? run() : job.within(name, span, run);
  } finally {
    job.bodies--;
  }
}

/** The value of the last statement; ERROR if there is none. */
function runBlock(context: Context, block: Block): Item {
  let result: Item = ERROR;
  for (const statement of block.statements) result = runStatement(context, statement);
  return result;
}

function runStatement(context: Context, statement: Statement): Item {
  const { job, environment } = context;
  switch (statement.kind) {
    case 'let':
      environment.names.set(statement.name.name, {
        item: evaluate(context, statement.value),
        span: statement.name.span,
      });
      return ERROR;
    case 'rebind': {
      const item = evaluate(context, statement.value);
      const target = lookUp(environment, statement.name.name);
      if (target !== undefined) target.item = item;
      return ERROR;
    }
    case 'repeat':
      return repeat(job, environment, context.frame, statement);
    case 'result':
      return evaluate(context, statement.value);
  }
}

function repeat(
  job: Elaboration,
  environment: Environment,
  place: Frame,
  statement: Statement & { kind: 'repeat' },
): Item {
  const count = evaluate({ job, environment, frame: place }, statement.count);
  if (count.kind === 'error') return ERROR;
  if (
    count.kind !== 'number' ||
    !Number.isInteger(count.value) ||
    count.value < 0 ||
    count.value > MAX_REPEAT
  ) {
    job.report('L0123', `repeat needs an integer from 0 to ${MAX_REPEAT}, found ${describeItem(count)}`, {
      span: statement.count.span,
    });
    return ERROR;
  }
  for (let index = 0; index < count.value; index++) {
    // Lets of the body end with each turn; what is given a new value lives outside.
    const turn = inner(environment);
    const { index: name } = statement;
    if (name !== undefined)
      turn.names.set(name.name, { item: { kind: 'number', value: index }, span: name.span });
    job.enter(statement.span, () => runBlock({ job, environment: turn, frame: place }, statement.body));
  }
  return ERROR;
}
