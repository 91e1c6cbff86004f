/** Elaborates the train block: builds the model, the loss and the metrics for one batch, and reads every setting. */
import { didYouMean } from '../diagnostics/suggest.js';
import type { Expression, Setting, Train } from '../syntax/ast.js';
import type { RecordValue } from '../library/function.js';
import type { Tensor } from '../tensor/tensor.js';
import { numberWithin } from './constant.js';
import type { Limits } from './constant.js';
import { frame } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { evaluate } from './evaluate.js';
import { describeItem, ERROR, inner } from './item.js';
import type { Item } from './item.js';
import { MAX_INTEGER } from './limits.js';
import type { Program, Task } from './program.js';

export type Training = Pick<
  Program,
  | 'loss'
  | 'metrics'
  | 'output'
  | 'optimizer'
  | 'clip'
  | 'accumulate'
  | 'average'
  | 'precision'
  | 'batch'
  | 'steps'
  | 'seed'
  | 'holdout'
>;

const required = ['model', 'loss', 'optimizer', 'batch', 'steps'];
const optional = ['metrics', 'seed', 'holdout', 'precision', 'clip', 'accumulate', 'average'];

/** The settings of a block, each once; says which are unknown and which are missing. */
export function collect(
  job: Elaboration,
  node: Train,
  required: readonly string[],
  optional: readonly string[],
): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const setting of node.settings) {
    const { name, span } = setting.name;
    const first = settings.get(name);
    if (!required.includes(name) && !optional.includes(name)) {
      const help = () =>
        didYouMean(name, [...required, ...optional]) ??
        `settings are ${[...required, ...optional].join(', ')}`;
      job.report('L0503', `a ${node.kind} block has no setting '${name}'`, { span, help });
    } else if (first !== undefined) {
      job.report('L0505', `'${name}' is set twice`, {
        span,
        notes: [{ message: 'first set here', span: first.name.span }],
      });
    } else settings.set(name, setting);
  }
  const missing = required.filter((name) => !settings.has(name));
  if (missing.length > 0) {
    const list = missing.map((name) => `'${name}'`).join(', ');
    job.report('L0506', `the ${node.kind} block does not say ${list}`, { span: node.span });
  }
  return settings;
}

/** Reads the block as far as it can; undefined if anything that a program needs is missing or wrong. */
export function elaborateTrain(job: Elaboration, node: Train): Training | undefined {
  const settings = collect(job, node, required, optional);
  function number(
    name: string,
    limits: Limits,
    fallback?: { value: number; shown: string },
  ): number | undefined {
    const setting = settings.get(name);
    if (setting !== undefined) return numberWithin(job, setting.value, `'${name}'`, limits);
    if (fallback !== undefined) job.defaulted(`train.${name}`, fallback.shown);
    return fallback?.value;
  }
  // First of all, since every tensor's shape begins with it.
  const batch = number('batch', { min: 1, max: 1 << 20, integer: true });
  const steps = number('steps', { min: 1, max: MAX_INTEGER, integer: true });
  const seed = number('seed', { min: 0, max: 2 ** 32 - 1, integer: true }, { value: 0, shown: '0' });
  const holdout = number('holdout', { min: 0, max: 0.9 }, { value: 0, shown: '0%' });
  const precision = number('precision', { min: 1, max: 3, integer: true }, { value: 2, shown: '2' });
  const clip = settings.has('clip') ? number('clip', { min: 1e-6, max: 1e6 }) : undefined;
  const accumulate = settings.has('accumulate')
    ? number('accumulate', { min: 1, max: steps ?? MAX_INTEGER, integer: true })
    : 1;
  const average = settings.has('average') ? number('average', { min: 0, max: 0.999999 }) : undefined;
  if (!settings.has('clip')) job.defaulted('train.clip', 'none');
  // Set before when the caller wants other shapes. Without a good batch size the rest is checked for a batch of one.
  job.batch ??= batch ?? 1;

  const names = inner(job.globals);
  const place = frame('');
  const value = (name: string, records = false): Item => {
    const setting = settings.get(name);
    return setting === undefined
      ? ERROR
      : evaluate({ job, environment: names, frame: place, records }, setting.value);
  };
  const output = tensor(job, value('model'), "'model'", settings.get('model'));
  names.names.set('model', {
    item: output === undefined ? ERROR : { kind: 'tensor', value: output },
    span: settings.get('model')?.name.span,
  });
  const loss = scalarOf(job, value('loss'), "'loss'", settings.get('loss')?.value);
  const metrics = metricsOf(job, settings.get('metrics'), value('metrics'));
  const optimizer = optimizerOf(job, settings.get('optimizer'), value('optimizer', true));
  if (!settings.has('metrics')) job.defaulted('train.metrics', 'none');
  if (
    output === undefined ||
    loss === undefined ||
    metrics === undefined ||
    optimizer === undefined ||
    batch === undefined ||
    steps === undefined ||
    seed === undefined ||
    holdout === undefined ||
    precision === undefined ||
    accumulate === undefined
  ) {
    return undefined;
  }
  return {
    output,
    loss,
    metrics: [{ name: 'loss', value: loss }, ...metrics],
    optimizer,
    clip,
    accumulate,
    average,
    precision: precision as 1 | 2 | 3,
    batch,
    steps,
    seed,
    holdout,
  };
}

/** The value of a setting that must be a tensor. */
export function tensor(
  job: Elaboration,
  item: Item,
  what: string,
  setting: Setting | undefined,
): Tensor | undefined {
  if (item.kind === 'tensor') return item.value;
  if (item.kind !== 'error') {
    job.report('L0504', `${what} must be a tensor, found ${describeItem(item)}`, {
      span: setting?.value.span,
    });
  }
  return undefined;
}

/** A loss or metric is one number for the batch. */
function scalarOf(
  job: Elaboration,
  item: Item,
  what: string,
  expression: Expression | undefined,
): Tensor | undefined {
  if (item.kind === 'error') return undefined;
  if (item.kind === 'tensor' && item.value.type === 'f32' && item.value.shape.length === 0) return item.value;
  job.report(
    'L0507',
    `${what} must be one number for the batch, a tensor f32[], found ${describeItem(item)}`,
    {
      span: expression?.span,
      help: item.kind === 'tensor' ? 'take its mean' : undefined,
    },
  );
  return undefined;
}

/** Named after the functions that give them, and numbered where two are alike. */
export function metricsOf(
  job: Elaboration,
  setting: Setting | undefined,
  item: Item,
): Task['metrics'] | undefined {
  if (setting === undefined) return [];
  if (item.kind === 'error') return undefined;
  const expressions = setting.value.kind === 'list' ? setting.value.items : [setting.value];
  const items = item.kind === 'list' ? item.items : [item];
  const used = new Set(['loss']);
  const metrics = items.map((each, index) => {
    const expression = expressions[index];
    const base = expression?.kind === 'call' ? expression.callee.name : 'metric';
    let name = base;
    for (let number = 2; used.has(name); number++) name = `${base}${number}`;
    used.add(name);
    const value = scalarOf(job, each, 'a metric', expression);
    return value && { name, value };
  });
  return metrics.every((each) => each !== undefined) ? metrics : undefined;
}

function optimizerOf(job: Elaboration, setting: Setting | undefined, item: Item): RecordValue | undefined {
  if (item.kind === 'error' || setting === undefined) return undefined;
  if (item.kind === 'record' && item.family === 'optimizer') return item.value;
  const known = [...job.declarations.records.values()]
    .filter((each) => each.kind === 'optimizer')
    .map((each) => each.name);
  job.report('L0504', `'optimizer' must be an optimizer, found ${describeItem(item)}`, {
    span: setting.value.span,
    help: `one of ${known.join(', ')}`,
  });
  return undefined;
}
