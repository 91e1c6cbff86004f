/** Models read from ONNX files: loaded once, built anew at each call with the same weights. */
import { dirname, isAbsolute, join } from 'node:path';
import { GensynError, type Span } from '@gensyn/ir';
import { didYouMean } from '../diagnostics/suggest.js';
import { buildNetwork } from '../import/build-network.js';
import { checkSupported, readNetwork, type Network } from '../import/network.js';
import { importedOperator } from '../import/operators/index.js';
import { traced, type Value } from '../import/value.js';
import type { Call, Expression, NetworkImport } from '../syntax/ast.js';
import { at } from '../tensor/build.js';
import { bindArguments } from './bind-arguments.js';
import { constant } from './constant.js';
import { scopeOf } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { evaluate } from './evaluate.js';
import type { Context } from './evaluate.js';
import { describeItem, ERROR } from './item.js';
import type { Item } from './item.js';

export interface LoadedNetwork {
  readonly network: Network;
  /** The output that is the value of a call. */
  readonly output: string;
}

/** Reports a refusal of the importer at its place in the job. */
function report(job: Elaboration, error: unknown, span: Span): void {
  if (!(error instanceof GensynError)) throw error;
  job.report(error.code, error.message, { span, notes: error.notes, help: error.help });
}

function textOf(job: Elaboration, expression: Expression, what: string): string | undefined {
  const item = constant(job, expression);
  if (item.kind === 'string') return item.value;
  if (item.kind !== 'error')
    job.report('L0820', `${what} must be a string, found ${describeItem(item)}`, { span: expression.span });
  return undefined;
}

const FORM = 'write model name = onnx("file.onnx"), or model name(x: ...) -> ... { ... }';

/** The network of a declaration; undefined if it cannot be read, which is reported once. */
export function loadNetwork(job: Elaboration, node: NetworkImport): LoadedNetwork | undefined {
  const { name } = node.name;
  if (!job.networks.has(name)) job.networks.set(name, load(job, node));
  return job.networks.get(name);
}

function load(job: Elaboration, node: NetworkImport): LoadedNetwork | undefined {
  const { value } = node;
  if (value.kind === 'missing') return undefined;
  if (value.kind !== 'call' || value.callee.name !== 'onnx') {
    job.report('L0820', 'a model without a body is read from a file by onnx', {
      span: value.span,
      help: FORM,
    });
    return undefined;
  }
  const bound = bindArguments(job, value, [
    { name: 'file', required: true },
    { name: 'output', required: false },
  ]);
  const file = bound?.get('file')?.[0]?.value;
  if (!file) return undefined;
  const path = textOf(job, file, "the file of 'onnx'");
  const chosen = bound?.get('output')?.[0]?.value;
  const wanted = chosen && textOf(job, chosen, "the output of 'onnx'");
  if (path === undefined || (chosen && wanted === undefined)) return undefined;
  const real = isAbsolute(path) ? path : join(dirname(node.span.file), path);
  try {
    const network = readNetwork(job.openModel(real), (op) => importedOperator(op) !== undefined);
    const output = outputOf(job, network, wanted, chosen?.span ?? value.span);
    if (output === undefined) return undefined;
    checkSupported(network, [output]);
    return { network, output };
  } catch (error) {
    report(job, error, file.span);
    return undefined;
  }
}

function outputOf(
  job: Elaboration,
  { outputs }: Network,
  wanted: string | undefined,
  span: Span,
): string | undefined {
  if (wanted !== undefined) {
    if (outputs.includes(wanted)) return wanted;
    const help = () => didYouMean(wanted, outputs) ?? `its outputs are ${outputs.slice(0, 20).join(', ')}`;
    job.report('L0821', `the network has no output '${wanted}'`, { span, help });
    return undefined;
  }
  if (outputs.length === 1) return outputs[0];
  job.report('L0821', `the network has ${outputs.length} outputs, and a model has one value`, {
    span,
    help: `name it: onnx("...", output = "${outputs[0]}")`,
  });
  return undefined;
}

export function callNetwork(context: Context, call: Call, node: NetworkImport): Item {
  const { job } = context;
  const { name } = node.name;
  job.called.add(name);
  const loaded = loadNetwork(job, node);
  const formals = loaded?.network.inputs.map((input) => ({ name: input.name, required: true }));
  const bound = formals && bindArguments(job, call, formals);
  if (!loaded || !bound) {
    for (const argument of call.args) evaluate(context, argument.value);
    return ERROR;
  }
  const { network, output } = loaded;
  const args: Value[] = [];
  for (const input of network.inputs) {
    const { value } = bound.get(input.name)![0]!;
    const item = evaluate(context, value);
    if (item.kind === 'tensor') args.push(traced(item.value));
    else if (item.kind !== 'error')
      job.report('L0301', `'${input.name}' of '${name}' must be a tensor, found ${describeItem(item)}`, {
        span: value.span,
      });
  }
  if (args.length !== network.inputs.length) return ERROR;
  const scope = scopeOf(job, name, call.span);
  try {
    const [value] = at(call.span, () =>
      buildNetwork(network, args, [output], { ...scope, spend: () => job.spend(call.span) }),
    );
    return { kind: 'tensor', value: value! };
  } catch (error) {
    report(job, error, call.span);
    return ERROR;
  }
}
