/** Evaluates `param` and `let` at the top of files, with values given from outside in place of a param's own. */
import { didYouMean } from '../diagnostics/suggest.js';
import type { Param } from '../syntax/ast.js';
import { readNumber } from '../syntax/literals.js';
import { constant } from './constant.js';
import type { Elaboration } from './elaboration.js';
import { describeItem, ERROR } from './item.js';
import type { Item } from './item.js';
import type { Program } from './program.js';

const NUMBER = /^-?(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?%?$/;

/** Reads a value from outside as the kind of value that the job has there. */
function override(job: Elaboration, node: Param, own: Item, text: string): Item {
  if (own.kind === 'string') return { kind: 'string', value: text };
  if (own.kind === 'boolean' && (text === 'true' || text === 'false'))
    return { kind: 'boolean', value: text === 'true' };
  if (own.kind === 'number' && NUMBER.test(text)) {
    const negative = text.startsWith('-');
    const read = readNumber(negative ? text.slice(1) : text);
    if ('value' in read) return { kind: 'number', value: negative ? 0 - read.value : read.value };
  }
  const wanted = own.kind === 'boolean' ? 'true or false' : 'a number';
  job.report('L0802', `'${node.name.name}' is set to '${text}', but must be ${wanted}`, {
    notes: [{ message: `its own value is ${describeItem(own)}`, span: node.value.span }],
  });
  return ERROR;
}

export function elaborateConstants(
  job: Elaboration,
  set: Readonly<Record<string, string>>,
): Program['parameters'] {
  const parameters: Program['parameters'][number][] = [];
  const names = job.declarations.constants.flatMap((each) => (each.kind === 'param' ? [each.name.name] : []));
  for (const name of Object.keys(set)) {
    if (names.includes(name)) continue;
    const isLet = job.declarations.constants.some((each) => each.name.name === name);
    job.report(
      'L0801',
      isLet ? `'${name}' is a let, and only a param can be set` : `the job has no param '${name}' to set`,
      {
        help: () =>
          didYouMean(name, names) ?? (names.length > 0 ? `its params are ${names.join(', ')}` : undefined),
      },
    );
  }
  for (const node of job.declarations.constants) {
    const { name, span } = node.name;
    let item = constant(job, node.value);
    if (node.kind === 'let') {
      if (item.kind === 'tensor' || item.kind === 'list') {
        job.report('L0309', `a let outside functions is a constant, found ${describeItem(item)}`, {
          span: node.value.span,
        });
        item = ERROR;
      }
    } else if (item.kind === 'number' || item.kind === 'boolean' || item.kind === 'string') {
      const overridden = Object.hasOwn(set, name);
      if (overridden) item = override(job, node, item, set[name]!);
      if ('value' in item)
        parameters.push({ name, value: item.value as number | boolean | string, overridden });
    } else if (item.kind !== 'error') {
      job.report('L0309', `a param is a number, a string, true or false, found ${describeItem(item)}`, {
        span: node.value.span,
      });
      item = ERROR;
    }
    job.globals.names.set(name, { item, span });
  }
  return parameters;
}
