/** Elaborates the shards line: how many replicas train, and when they are averaged. */
import type { Shards } from '../syntax/ast.js';
import { numberWithin } from './constant.js';
import type { Elaboration } from './elaboration.js';
import { MAX_INTEGER } from './limits.js';
import type { Program } from './program.js';

/** The state of a merge is that of all replicas together. */
const MOST = 64;

/** Undefined after a report. */
export function elaborateShards(
  job: Elaboration,
  node: Shards | undefined,
  training: Pick<Program, 'steps' | 'accumulate'> | undefined,
): Pick<Program, 'shards'> | undefined {
  if (node === undefined) return { shards: undefined };
  const steps = training?.steps ?? MAX_INTEGER;
  const count = numberWithin(job, node.count, "'shards'", { min: 2, max: MOST, integer: true });
  const sync = numberWithin(job, node.sync, "'sync every'", { min: 1, max: steps, integer: true });
  if (count === undefined || sync === undefined) return undefined;
  const rounds = steps / sync;
  if (training !== undefined && !Number.isInteger(rounds)) {
    job.report('L0512', `${steps} steps are no whole number of rounds of ${sync}`, {
      span: node.sync.span,
      help: `make 'steps' ${Math.ceil(rounds) * sync}, or another multiple of ${sync}`,
    });
    return undefined;
  }
  if (training !== undefined && sync % training.accumulate !== 0) {
    job.report(
      'L0512',
      `a merge every ${sync} steps would cut an update over ${training.accumulate} batches`,
      {
        span: node.sync.span,
        help: `merge after a multiple of ${training.accumulate} steps`,
      },
    );
    return undefined;
  }
  // Merges are counted steps too.
  if (training !== undefined && steps + rounds > MAX_INTEGER) {
    job.report('L0504', `${steps} steps and ${rounds} merges are more than ${MAX_INTEGER}`, {
      span: node.span,
    });
    return undefined;
  }
  return { shards: { count, sync } };
}
