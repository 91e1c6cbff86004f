/** Elaborates the verify and market blocks. */
import type { Clause, Expression, Terms } from '../syntax/ast.js';
import { constant, numberWithin } from './constant.js';
import type { Elaboration } from './elaboration.js';
import { describeItem } from './item.js';
import { MAX_INTEGER } from './limits.js';
import type { Prediction, Program, Task } from './program.js';

function collect(job: Elaboration, node: Terms | undefined): ReadonlyMap<string, Clause> {
  const clauses = new Map<string, Clause>();
  for (const clause of node?.clauses ?? []) {
    const first = clauses.get(clause.name.name);
    if (first === undefined) clauses.set(clause.name.name, clause);
    else {
      job.report('L0505', `'${clause.name.name}' is set twice`, {
        span: clause.name.span,
        notes: [{ message: 'first set here', span: first.name.span }],
      });
    }
  }
  return clauses;
}

/** Steps of a segment where the job says nothing, at least. */
const SHORTEST_DEFAULT = 100;
/** Share of the segments that is replayed when nothing is said. */
const DEFAULT_SAMPLE = 0.1;

export function elaborateVerify(
  job: Elaboration,
  node: Terms | undefined,
  steps: number | undefined,
  /** Steps between two merges of a job in shards: a segment lies within a replica's part of a round. */
  sync: number | undefined,
): Pick<Program, 'checkpointEvery' | 'sample'> | undefined {
  const clauses = collect(job, node);
  const [checkpoint, sample] = [clauses.get('checkpoint'), clauses.get('sample')];
  const most = sync ?? steps ?? MAX_INTEGER;
  let checkpointEvery: number | undefined;
  if (checkpoint !== undefined) {
    checkpointEvery = numberWithin(job, checkpoint.value, "'checkpoint every'", {
      min: 1,
      max: most,
      integer: true,
      ...(sync === undefined
        ? {}
        : { why: "with shards at most 'sync every'", help: `write ${sync}, or leave it out` }),
    });
  } else {
    // Often enough to check a part, seldom enough that hashing a small state costs next to nothing.
    checkpointEvery = Math.min(most, Math.max(SHORTEST_DEFAULT, Math.ceil(most / 10)));
    if (steps !== undefined) job.defaulted('verify.checkpoint', `every ${checkpointEvery} steps`);
  }
  const share = shareOf(job, sample);
  return checkpointEvery === undefined || share === undefined
    ? undefined
    : { checkpointEvery, sample: share };
}

/** The same for a job whose number of steps is that of its data, which is not read yet. */
export function elaborateChecks(
  job: Elaboration,
  node: Terms | undefined,
): Pick<Prediction, 'checkpointEvery' | 'sample'> | undefined {
  const clauses = collect(job, node);
  const checkpoint = clauses.get('checkpoint');
  const limits = { min: 1, max: MAX_INTEGER, integer: true };
  const checkpointEvery = checkpoint && numberWithin(job, checkpoint.value, "'checkpoint every'", limits);
  if (!checkpoint) job.defaulted('verify.checkpoint', 'ten times');
  const sample = shareOf(job, clauses.get('sample'));
  return sample === undefined || (checkpoint && checkpointEvery === undefined)
    ? undefined
    : { checkpointEvery, sample };
}

function shareOf(job: Elaboration, sample: Clause | undefined): number | undefined {
  if (sample === undefined) {
    job.defaulted('verify.sample', '10%');
    return DEFAULT_SAMPLE;
  }
  const share = numberWithin(job, sample.value, "'sample'", { min: 0, max: 1 });
  if (share === 0) job.report('L0504', "'sample' must be more than 0%", { span: sample.value.span });
  return share === 0 ? undefined : share;
}

function seconds(job: Elaboration, expression: Expression): number | undefined {
  const item = constant(job, expression);
  if (item.kind === 'duration' && item.seconds >= 1 && item.seconds <= MAX_INTEGER) return item.seconds;
  if (item.kind !== 'error') {
    job.report('L0504', `'deadline' must be a time of at least one second, found ${describeItem(item)}`, {
      span: expression.span,
      help: 'as in 90s, 30m, 2h or 7d',
    });
  }
  return undefined;
}

export function elaborateMarket(
  job: Elaboration,
  node: Terms | undefined,
): { market: Task['market'] } | undefined {
  if (node === undefined) {
    job.defaulted('market', 'none');
    return { market: undefined };
  }
  const clauses = collect(job, node);
  const [reward, deadline] = [clauses.get('reward'), clauses.get('deadline')];
  const missing = ['reward', 'deadline'].filter((name) => !clauses.has(name));
  if (missing.length > 0) {
    job.report('L0506', `the market block does not say ${missing.map((name) => `'${name}'`).join(', ')}`, {
      span: node.span,
    });
  }
  const deadlineSeconds = deadline && seconds(job, deadline.value);
  if (reward === undefined) return undefined;
  const limits = { min: 0, max: 1e15 };
  const rewardMin = numberWithin(job, reward.value, "'reward'", limits);
  const rewardMax =
    reward.last === undefined ? rewardMin : numberWithin(job, reward.last, "'reward'", limits);
  if (rewardMin === undefined || rewardMax === undefined || deadlineSeconds === undefined) return undefined;
  if (rewardMax < rewardMin) {
    job.report('L0604', `the range ${rewardMin} .. ${rewardMax} is empty`, {
      span: reward.span,
      help: 'the smaller reward comes first',
    });
    return undefined;
  }
  return { market: { rewardMin, rewardMax, deadlineSeconds } };
}
