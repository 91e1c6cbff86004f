/** Checks every name of a job, used or not: what it means, that it is declared before use, that no function calls itself. */
import type { Span } from '@gensyn/ir';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { didYouMean } from '../diagnostics/suggest.js';
import type { Block, Call, Expression, FunctionNode, Statement } from '../syntax/ast.js';
import { constantFunctions } from './constant-functions.js';
import type { Declarations } from './declarations.js';

/** `rebindable`: a `let` or parameter that `repeat` may give a new value. */
interface Names {
  readonly parent: Names | undefined;
  readonly own: Map<string, { readonly span: Span; readonly rebindable: boolean }>;
}

const scope = (parent: Names | undefined): Names => ({ parent, own: new Map() });

function find(names: Names | undefined, name: string): { span: Span; rebindable: boolean } | undefined {
  return names === undefined ? undefined : (names.own.get(name) ?? find(names.parent, name));
}

function visible(names: Names | undefined): string[] {
  return names === undefined ? [] : [...names.own.keys(), ...visible(names.parent)];
}

/** @returns the functions that call themselves, directly or not: they are not to be elaborated */
export function resolve(declarations: Declarations, diagnostics: Diagnostics): ReadonlySet<string> {
  const { functions, networks, data, constants, shards, verify, market, libraryFunctions, records } =
    declarations;
  const globals = scope(undefined);
  const declared = new Map(constants.map((each) => [each.name.name, each]));
  const calls = new Map<string, Call[]>();
  /** Columns have values in the train or predict block only. */
  let inTrain = false;

  function expression(value: Expression, names: Names, caller?: string): void {
    switch (value.kind) {
      case 'reference':
        if (find(names, value.name) === undefined) reportName(value.name, value.span, names);
        return;
      case 'member': {
        const set = data.get(value.object.name);
        if (set === undefined) {
          const known = find(names, value.object.name) !== undefined;
          const help = () => didYouMean(value.object.name, data.keys());
          const message = known
            ? `'${value.object.name}' is not a data set`
            : `unknown data set '${value.object.name}'`;
          diagnostics.report('L0201', message, { span: value.object.span, help });
          return;
        }
        if (!inTrain) {
          diagnostics.report(
            'L0309',
            'a column has no value here: data enters in the train or predict block',
            {
              span: value.span,
              help: 'pass it to the model as an argument',
            },
          );
          return;
        }
        const columns = set.entries.flatMap((each) => (each.kind === 'column' ? [each.name.name] : []));
        if (!columns.includes(value.property.name)) {
          diagnostics.report('L0205', `data set '${set.name.name}' has no column '${value.property.name}'`, {
            span: value.property.span,
            notes: [{ message: 'the data set is declared here', span: set.name.span }],
            help: () => didYouMean(value.property.name, columns),
          });
        }
        return;
      }
      case 'call':
        callee(value, names);
        if (caller !== undefined) calls.get(caller)!.push(value);
        for (const argument of value.args) expression(argument.value, names, caller);
        return;
      case 'negation':
        return expression(value.operand, names, caller);
      case 'chain':
        expression(value.first, names, caller);
        for (const { operand } of value.rest) expression(operand, names, caller);
        return;
      case 'list':
        for (const item of value.items) expression(item, names, caller);
        return;
      default:
        return;
    }
  }

  function callable(name: string): boolean {
    return (
      functions.has(name) ||
      networks.has(name) ||
      libraryFunctions.has(name) ||
      records.has(name) ||
      constantFunctions.has(name)
    );
  }

  function callee({ callee: { name, span } }: Call, names: Names): void {
    if (callable(name)) return;
    if (data.has(name) || find(names, name) !== undefined) {
      diagnostics.report('L0202', `'${name}' is not a function`, { span });
      return;
    }
    const help = () =>
      didYouMean(name, [
        ...functions.keys(),
        ...networks.keys(),
        ...libraryFunctions.keys(),
        ...records.keys(),
        ...constantFunctions.keys(),
      ]);
    diagnostics.report('L0202', `unknown function '${name}'`, { span, help });
  }

  function reportName(name: string, span: Span, names: Names): void {
    const later = declared.get(name);
    if (later !== undefined) {
      diagnostics.report('L0206', `'${name}' is used before it is declared`, {
        span,
        notes: [{ message: 'declared here', span: later.name.span }],
      });
    } else if (data.has(name)) {
      const column = data.get(name)!.entries.find((each) => each.kind === 'column')?.name.name ?? 'column';
      const help = `name one of its columns, as in ${name}.${column}`;
      diagnostics.report('L0201', `'${name}' is a data set, not a value`, { span, help });
    } else if (callable(name)) {
      diagnostics.report('L0201', `'${name}' is a function, not a value`, {
        span,
        help: `call it: ${name}(...)`,
      });
    } else
      diagnostics.report('L0201', `unknown name '${name}'`, {
        span,
        help: () => didYouMean(name, visible(names)),
      });
  }

  function block(body: Block, names: Names, caller: string, depth: number): void {
    body.statements.forEach((statement, index) => {
      const last = index === body.statements.length - 1;
      one(statement, names, caller, depth);
      if (statement.kind === 'result' && (depth > 0 || !last)) {
        diagnostics.report(
          'L0208',
          depth > 0
            ? 'a value here is lost: repeat has no result'
            : 'a value here is lost: only the last line is the result',
          {
            span: statement.span,
            help: depth > 0 ? "write 'name = ...' to carry it on" : "write 'let name = ...' to keep it",
          },
        );
      }
    });
    if (depth === 0 && body.statements.at(-1)?.kind !== 'result') {
      const { span } = body;
      diagnostics.report('L0209', `'${caller}' has no result`, {
        span: { ...span, length: Math.min(span.length, 1) },
        help: 'end its body with an expression',
      });
    }
  }

  function one(statement: Statement, names: Names, caller: string, depth: number): void {
    switch (statement.kind) {
      case 'let':
        expression(statement.value, names, caller);
        names.own.set(statement.name.name, { span: statement.name.span, rebindable: true });
        return;
      case 'rebind': {
        expression(statement.value, names, caller);
        const { name, span } = statement.name;
        const target = find(names, name);
        if (depth === 0) {
          diagnostics.report('L0210', `'${name}' can be given a new value only inside repeat`, {
            span,
            help: `write 'let ${name} = ...'`,
          });
        } else if (target === undefined) {
          diagnostics.report('L0201', `unknown name '${name}'`, {
            span,
            help: () =>
              didYouMean(name, visible(names)) ?? `declare it before the repeat with 'let ${name} = ...'`,
          });
        } else if (!target.rebindable) {
          diagnostics.report('L0210', `'${name}' cannot be given a new value`, {
            span,
            notes: [{ message: 'declared here', span: target.span }],
          });
        }
        return;
      }
      case 'repeat': {
        expression(statement.count, names, caller);
        const body = scope(names);
        const { index } = statement;
        if (index !== undefined) body.own.set(index.name, { span: index.span, rebindable: false });
        return block(statement.body, body, caller, depth + 1);
      }
      case 'result':
        return expression(statement.value, names, caller);
    }
  }

  /** A name in a shape that is not a constant stands for whatever length is found there. */
  function dimensions(groups: readonly (readonly Expression[])[], names: Names): void {
    for (const dimension of groups.flat()) {
      if (dimension.kind === 'reference' && find(names, dimension.name) === undefined) {
        names.own.set(dimension.name, { span: dimension.span, rebindable: false });
      } else expression(dimension, names);
    }
  }

  function fn(node: FunctionNode): void {
    const names = scope(globals);
    const { name } = node.name;
    calls.set(name, []);
    const parameters = new Map<string, Span>();
    for (const parameter of node.parameters) {
      if (parameter.default !== undefined) expression(parameter.default, globals);
      if (parameter.type !== undefined) dimensions(parameter.type.groups, names);
      const first = parameters.get(parameter.name.name);
      if (first !== undefined) {
        diagnostics.report('L0203', `'${parameter.name.name}' is declared twice`, {
          span: parameter.name.span,
          notes: [{ message: 'first declared here', span: first }],
        });
      }
      parameters.set(parameter.name.name, parameter.name.span);
    }
    if (node.result !== undefined) {
      for (const dimension of node.result.groups.flat()) expression(dimension, names);
    }
    for (const [parameter, span] of parameters) names.own.set(parameter, { span, rebindable: true });
    block(node.body, names, name, 0);
  }

  for (const constant of constants) {
    expression(constant.value, globals);
    globals.own.set(constant.name.name, { span: constant.name.span, rebindable: false });
  }
  for (const node of functions.values()) fn(node);
  for (const { value } of networks.values()) {
    // `onnx` is a word of this place alone, and no function.
    if (value.kind === 'call') for (const argument of value.args) expression(argument.value, globals);
  }
  for (const set of data.values()) {
    if (set.from !== undefined) expression(set.from, globals);
    for (const entry of set.entries) {
      if (entry.kind === 'setting') {
        expression(entry.value, globals);
        continue;
      }
      for (const dimension of entry.type.groups.flat()) expression(dimension, globals);
      for (const { operand } of entry.steps) expression(operand, globals);
      if ('path' in entry.source && entry.source.path !== undefined) expression(entry.source.path, globals);
      if ('first' in entry.source) {
        expression(entry.source.first, globals);
        if (entry.source.last !== undefined) expression(entry.source.last, globals);
      }
    }
  }
  inTrain = true;
  for (const { settings } of [declarations.train, declarations.predict].filter(
    (each) => each !== undefined,
  )) {
    const model = settings.find((each) => each.name.name === 'model');
    for (const setting of settings) {
      const names = scope(globals);
      const usesModel = setting.name.name === 'loss' || setting.name.name === 'metrics';
      if (model !== undefined && usesModel)
        names.own.set('model', { span: model.name.span, rebindable: false });
      expression(setting.value, names);
    }
  }
  inTrain = false;
  if (shards !== undefined) {
    expression(shards.count, globals);
    expression(shards.sync, globals);
  }
  for (const clause of [...(verify?.clauses ?? []), ...(market?.clauses ?? [])]) {
    expression(clause.value, globals);
    if (clause.last !== undefined) expression(clause.last, globals);
  }
  return reportRecursion(functions, calls, diagnostics);
}

function reportRecursion(
  functions: ReadonlyMap<string, FunctionNode>,
  calls: ReadonlyMap<string, readonly Call[]>,
  diagnostics: Diagnostics,
): ReadonlySet<string> {
  const recursive = new Set<string>();
  for (const [name, node] of functions) {
    // Breadth first from the function: the shortest way back to it.
    const reached = new Map<string, Call>();
    const queue = [name];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const call of calls.get(at) ?? []) {
        if (!functions.has(call.callee.name) || reached.has(call.callee.name)) continue;
        reached.set(call.callee.name, call);
        queue.push(call.callee.name);
      }
    }
    const back = reached.get(name);
    if (back === undefined) continue;
    recursive.add(name);
    diagnostics.report('L0204', `'${name}' calls itself, so the job would never end`, {
      span: node.name.span,
      notes: [{ message: 'by this call', span: back.callee.span }],
      help: "use 'repeat n { ... }' for layers in a row",
    });
  }
  return recursive;
}
