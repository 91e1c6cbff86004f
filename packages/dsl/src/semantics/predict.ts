/** Elaborates the predict block: a model with given weights, for every row of one data set. */
import type { Setting, Train } from '../syntax/ast.js';
import type { Init, Tensor } from '../tensor/tensor.js';
import { numberWithin, type Limits } from './constant.js';
import { frame, type Elaboration } from './elaboration.js';
import { evaluate } from './evaluate.js';
import { ERROR, inner, type Item } from './item.js';
import type { Prediction } from './program.js';
import { collect, metricsOf, tensor } from './train.js';

export type Predicting = Pick<
  Prediction,
  'output' | 'metrics' | 'weights' | 'dataset' | 'label' | 'precision' | 'batch' | 'seed'
>;

const required = ['model', 'batch'];
const optional = ['metrics', 'seed', 'precision'];

/** Reads the block as far as it can; undefined if anything that a prediction needs is missing or wrong. */
export function elaboratePredict(job: Elaboration, node: Train): Predicting | undefined {
  const settings = collect(job, node, required, optional);
  const number = (name: string, limits: Limits, fallback?: number): number | undefined => {
    const setting = settings.get(name);
    if (setting) return numberWithin(job, setting.value, `'${name}'`, limits);
    if (fallback !== undefined) job.defaulted(`predict.${name}`, String(fallback));
    return fallback;
  };
  const batch = number('batch', { min: 1, max: 1 << 20, integer: true });
  const seed = number('seed', { min: 0, max: 2 ** 32 - 1, integer: true }, 0);
  const precision = number('precision', { min: 1, max: 3, integer: true }, 2);
  job.batch ??= batch ?? 1;

  const names = inner(job.globals);
  const value = (setting: Setting | undefined): Item =>
    setting === undefined
      ? ERROR
      : evaluate({ job, environment: names, frame: frame(''), records: false }, setting.value);
  const [model, metric] = [settings.get('model'), settings.get('metrics')];
  const output = tensor(job, value(model), "'model'", model);
  names.names.set('model', {
    item: output === undefined ? ERROR : { kind: 'tensor', value: output },
    span: model?.name.span,
  });
  const metrics = metricsOf(job, metric, value(metric));
  if (!metric) job.defaulted('predict.metrics', 'none');
  if (!output || !metrics || !batch || seed === undefined || precision === undefined) return undefined;
  const leaves = leavesOf([output, ...metrics.map((each) => each.value)]);
  const dataset = checked(job, output, leaves, model!);
  if (dataset === undefined) return undefined;
  return {
    ...{ output, metrics, batch, seed, dataset },
    weights: [...job.weights.values()].filter((each) => leaves.has(each)),
    label: labelOf(output, metrics),
    precision: precision as 1 | 2 | 3,
  };
}

/** The data set that is predicted; undefined, and reported, unless there is one and the model is as trained as it will ever be. */
function checked(
  job: Elaboration,
  output: Tensor,
  leaves: ReadonlySet<Tensor>,
  { value: { span } }: Setting,
): string | undefined {
  const sets = new Set(
    [...leaves].flatMap((each) => (each.op === 'column' ? [each.attributes['dataset'] as string] : [])),
  );
  const drawn = [...leaves].find(
    (each) => each.op === 'weight' && (each.attributes['init'] as Init).kind !== 'given',
  );
  if (drawn) {
    job.report('L0509', `nothing has trained the weight '${String(drawn.attributes['name'])}'`, {
      span: drawn.span ?? span,
      help: 'import a trained network: model net = onnx("file.onnx"); `gensyn export` writes one',
    });
    return undefined;
  }
  if (output.shape[0] !== job.batch || output.type === 'bool') {
    job.report(
      'L0510',
      `'model' must give a row of numbers for each of the ${job.batch} rows, found ${output.type}[${output.shape.join(', ')}]`,
      { span },
    );
    return undefined;
  }
  if (sets.size !== 1) {
    const found = sets.size === 0 ? 'none' : [...sets].join(', ');
    job.report('L0510', `a prediction goes over the rows of one data set, and this reads ${found}`, { span });
    return undefined;
  }
  return [...sets][0];
}

/** The column that an accuracy compares the output with. */
function labelOf(output: Tensor, metrics: Predicting['metrics']): string | undefined {
  for (const { value } of metrics) {
    const [scores, labels] = value.inputs;
    if (value.op === 'accuracy' && scores === output && labels?.op === 'column')
      return labels.attributes['column'] as string;
  }
  return undefined;
}

export function leavesOf(roots: readonly Tensor[]): Set<Tensor> {
  const seen = new Set(roots);
  const pending = [...seen];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const input of at.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      pending.push(input);
    }
  }
  return new Set([...seen].filter((each) => each.inputs.length === 0));
}
