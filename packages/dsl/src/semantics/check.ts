/** A job's text to a checked program: the entry point of the language. */
import { GensynError } from '@gensyn/ir';
import { collectDiagnostics } from '../diagnostics/diagnostic.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { DiagnosticsError } from '../diagnostics/diagnostics-error.js';
import { openModel, type OpenModel } from '../import/model-files.js';
import { libraryFunctions, recordFunctions } from '../library/index.js';
import type { Train } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import { checkUncalled } from './check-uncalled.js';
import { elaborateDataset } from './dataset.js';
import { declare } from './declarations.js';
import type { Library } from './declarations.js';
import { begin, Exhausted } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { load } from './load.js';
import type { ReadFile } from './load.js';
import { elaborateConstants } from './parameters.js';
import { elaboratePredict, leavesOf } from './predict.js';
import type { Prediction, Program } from './program.js';
import { resolve } from './resolve.js';
import { elaborateShards } from './shards.js';
import { elaborateChecks, elaborateMarket, elaborateVerify } from './terms.js';
import { elaborateTrain } from './train.js';
import type { Training } from './train.js';

export const standardLibrary: Library = { functions: libraryFunctions, records: recordFunctions };

export interface CheckOptions {
  /** Values for params, by name, as text: `--set width=256`. */
  readonly set?: Readonly<Record<string, string>>;
  readonly library?: Library;
  /** Rows in a batch, for the shapes of all tensors: `train.batch` unless given. For a model that predicts, not trains. */
  readonly rows?: number;
  /** Gives the files of imported networks: from the disk unless given. */
  readonly openModel?: OpenModel;
}

export interface Checked {
  /** One of the two is present if and only if there are no diagnostics. */
  readonly program: Program | undefined;
  readonly prediction: Prediction | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts of the job and of what it imports, by path. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Checks a whole job. Never throws for what is in it: everything wrong comes back as diagnostics, in the order of the text.
 * @param readFile gives the text of an imported file; may throw or return undefined if it cannot
 */
export function check(source: Source, readFile: ReadFile, options: CheckOptions = {}): Checked {
  const diagnostics = collectDiagnostics();
  const { items, sources } = load(source, readFile, diagnostics);
  let task: Program | Prediction | undefined;
  // What a broken line was meant to declare is unknown, so names are looked at only when the syntax is right.
  if (diagnostics.list.length === 0) {
    const declarations = declare(items, options.library ?? standardLibrary, diagnostics);
    const recursive = resolve(declarations, diagnostics);
    const job = begin(declarations, recursive, diagnostics, options.openModel ?? openModel);
    job.batch = options.rows;
    try {
      task = elaborate(job, source, options.set ?? {});
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error;
    }
  }
  const order = [...sources.keys()];
  const place = ({ span }: Diagnostic) => (span === undefined ? -1 : order.indexOf(span.file));
  const sorted = diagnostics.list.toSorted(
    (a, b) => place(a) - place(b) || (a.span?.offset ?? 0) - (b.span?.offset ?? 0),
  );
  if (diagnostics.dropped > 0) {
    const message = `${diagnostics.dropped} more errors are not shown`;
    sorted.push({ code: 'L0126', message, span: undefined, notes: [], help: undefined });
  }
  const right = sorted.length === 0 ? task : undefined;
  return {
    program: right?.kind === 'train' ? right : undefined,
    prediction: right?.kind === 'predict' ? right : undefined,
    diagnostics: sorted,
    sources,
  };
}

/** As `check`, but @throws DiagnosticsError with everything that is wrong. */
export function checkTask(
  source: Source,
  readFile: ReadFile,
  options: CheckOptions = {},
): Program | Prediction {
  const { program, prediction, diagnostics, sources } = check(source, readFile, options);
  const task = program ?? prediction;
  if (task === undefined) throw new DiagnosticsError(diagnostics, sources);
  return task;
}

/** As `checkTask`, for a job that trains. @throws DiagnosticsError, GensynError L0906 for one that predicts */
export function checkOrThrow(source: Source, readFile: ReadFile, options: CheckOptions = {}): Program {
  const task = checkTask(source, readFile, options);
  if (task.kind === 'train') return task;
  throw new GensynError('L0906', `${task.name} trains nothing: it predicts`, {
    help: 'what it came to is in predictions.npy of its run',
  });
}

function elaborate(
  job: Elaboration,
  source: Source,
  set: Readonly<Record<string, string>>,
): Program | Prediction | undefined {
  const { data, train, predict, shards, verify, market } = job.declarations;
  const parameters = elaborateConstants(job, set);
  for (const node of data.values()) {
    const dataset = elaborateDataset(job, node);
    if (dataset !== undefined) job.datasets.set(dataset.name, dataset);
  }
  const about = {
    name: source.path.replace(/^.*[\\/]/, '').replace(/\.gml$/, ''),
    parameters,
    datasets: [...job.datasets.values()],
  };
  const defaults = () => [...job.defaults].map(([name, value]) => ({ name, value }));
  if (predict !== undefined && train === undefined) {
    if (shards !== undefined) job.report('L0512', 'only training is done in shards', { span: shards.span });
    const predicting = elaboratePredict(job, predict);
    const checks = elaborateChecks(job, verify);
    const terms = elaborateMarket(job, market);
    checkUncalled(job);
    if (predicting === undefined || checks === undefined || terms === undefined) return undefined;
    return { kind: 'predict', ...about, ...predicting, ...checks, ...terms, defaults: defaults() };
  }
  if (predict !== undefined) {
    job.report('L0502', 'a job has a train block or a predict block, not both', {
      span: predict.span,
      notes: [{ message: 'the train block is here', span: train!.span }],
      help: 'train first, and predict with what `gensyn export` writes',
    });
  }
  if (train === undefined) {
    job.report('L0501', 'the job has no train block', {
      help: 'write train { model = ..., loss = ..., ... }, one setting a line; or predict { ... }',
    });
  }
  const training = train === undefined ? undefined : elaborateTrain(job, train);
  const sharding = elaborateShards(job, shards, training);
  const verification = elaborateVerify(job, verify, training?.steps, sharding?.shards?.sync);
  const terms = elaborateMarket(job, market);
  if (training !== undefined) reachable(job, training, train!);
  checkUncalled(job);
  if (training === undefined || sharding === undefined || verification === undefined || terms === undefined)
    return undefined;
  const used = leavesOf([training.loss]);
  return {
    kind: 'train',
    ...about,
    weights: [...job.weights.values()].filter((each) => used.has(each)),
    ...training,
    ...sharding,
    ...verification,
    ...terms,
    defaults: defaults(),
  };
}

/** Training needs something to learn and something to learn from, and must reach all that is used afterwards. */
function reachable(job: Elaboration, { loss, output, metrics }: Training, train: Train): void {
  const leaves = leavesOf([loss]);
  const has = (op: string) => [...leaves].some((each) => each.op === op);
  const span = loss.span ?? train.span;
  if (!has('weight')) {
    job.report('L0508', 'the loss does not depend on any weight, so there is nothing to train', { span });
  } else if (!has('column')) job.report('L0508', 'the loss does not depend on any data', { span });
  for (const [what, value] of [
    ['the model', output] as const,
    ...metrics.map((each) => [`the metric '${each.name}'`, each.value] as const),
  ]) {
    const idle = [...leavesOf([value])].find((each) => each.op === 'weight' && !leaves.has(each));
    if (idle === undefined) continue;
    const name = String(idle.attributes['name']);
    job.report('L0508', `${what} uses the weight '${name}', which the loss does not train`, {
      span: idle.span ?? train.span,
    });
  }
}
