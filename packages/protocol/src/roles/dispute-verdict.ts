/** How a game was decided: by whom, and between which values, with what the right one follows from. */
import { nodeName } from '@gensyn/ir';
import type { Game, MarketClient } from '../chain/index.js';
import type { Side } from '../pinpoint/index.js';
import { operandElements, type CommittedStep } from '../referee/index.js';
import type { DisputeAction, DisputeOperand, DisputeVerdict } from './dispute-record.js';
import { shownValue, type DisputeJob } from './dispute-value.js';

export interface DisputeKnowledge extends DisputeJob {
  /** The step in dispute, recomputed; undefined where that cannot be done. */
  readonly committed?: (step: number) => Promise<CommittedStep | undefined>;
}

export async function verdictOf(
  client: MarketClient,
  game: Game,
  action: DisputeAction,
  transaction: string,
  job: DisputeKnowledge | undefined,
): Promise<DisputeVerdict> {
  const { descent } = game;
  const atValue = descent.level === 'value';
  return {
    outcome: game.outcome as DisputeVerdict['outcome'],
    by: action === 'judge' ? 'referee' : action === 'flag' ? 'clock' : 'move',
    right: action === 'judge' ? await rightValue(client, game, transaction) : undefined,
    values: atValue
      ? [shownValue(descent, descent.nodes[0]), shownValue(descent, descent.nodes[1])]
      : undefined,
    operands: atValue ? await operandsOf(game, job) : undefined,
  };
}

const NO_TERM = 2n ** 64n - 1n;

/** Asks the referee once more what it was asked in that transaction. */
async function rightValue({ provider, pinpoint, referee }: MarketClient, { descent }: Game, hash: string) {
  const data = (await provider.getTransaction(hash))?.data;
  if (data === undefined) return undefined;
  const call = pinpoint.interface.parseTransaction({ data });
  if (!call) return undefined;
  const side = Number(call.args['side'] as bigint) as Side;
  const question = {
    job: descent.job,
    step: descent.step,
    entries: descent.entries,
    entry: descent.operator,
    index: descent.element,
    term: descent.term ?? NO_TERM,
    before: descent.before,
    trace: descent.traces[side],
    partials: descent.partials[side],
  };
  const right = await referee.rightValue(
    [...(call.args['job'] as unknown[])] as never,
    question,
    call.args['proof'] as string,
  );
  return shownValue(descent, right);
}

/** Values that the one in dispute follows from. */
async function operandsOf(
  { descent }: Game,
  job: DisputeKnowledge | undefined,
): Promise<readonly DisputeOperand[] | undefined> {
  const { operator, element, term, step } = descent;
  const node = job?.graph.nodes[operator];
  if (!job?.committed || !node || node.inputs.length === 0) return undefined;
  const committed = await job.committed(step);
  return (
    committed &&
    operandElements(committed, operator, element, term).map((each): DisputeOperand => {
      const id = node.inputs[each.operand]!;
      return {
        node: id,
        name: nodeName(job.graph, id),
        op: job.graph.nodes[id]!.op,
        element: each.element,
        value: committed.values[id]!.data[each.element]!,
      };
    })
  );
}
