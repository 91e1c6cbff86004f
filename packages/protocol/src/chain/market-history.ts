/** Supply and demand on a market over time, out of its events. */
import { events, type MarketEvent } from './events.js';
import type { MarketClient } from './market-client.js';
import { claims, tasks } from './read-records.js';
import { CLAIM_STATUS, TASK_STATUS } from './status.js';

export interface MarketPoint {
  /** Seconds since 1970. */
  readonly time: number;
  /** Steps that wait for a solver, and steps that are claimed and not settled. */
  readonly open: number;
  readonly taken: number;
}

export interface Deal {
  readonly time: number;
  readonly task: number;
  readonly claim: number;
  readonly steps: number;
  readonly reward: bigint;
}

export interface MarketHistory {
  /** Holding until the next one. */
  readonly points: readonly MarketPoint[];
  /** Claims, oldest first. */
  readonly deals: readonly Deal[];
}

/** Blocks whose time is asked for; that of those between them is estimated. */
const MOST_BLOCKS = 128;

/** Errors: N0410, N0205. */
export async function marketHistory(client: MarketClient): Promise<MarketHistory> {
  const { market } = client;
  const [allTasks, allClaims] = await Promise.all([tasks(client), claims(client)]);
  const taskOf = new Map(allTasks.map((task) => [task.id, task]));
  const claimOf = new Map(allClaims.map((claim) => [claim.id, claim]));
  const names = ['Submitted', 'Claimed', 'ClaimEnded', 'TaskEnded'];
  const found: MarketEvent[] = [];
  for (const name of names) found.push(...(await events(client, market, name)));
  found.sort((a, b) => a.block - b.block || a.index - b.index);
  const timeOf = await timesOf(client, [...new Set(found.map(({ block }) => block))]);

  const points: MarketPoint[] = [];
  const deals: Deal[] = [];
  const left = new Map<number, number>();
  let [open, taken] = [0, 0];
  for (const { name, args, block } of found) {
    const time = timeOf(block);
    if (name === 'Submitted') {
      const task = Number(args['task']);
      const steps = taskOf.get(task)?.steps ?? 0;
      left.set(task, steps);
      open += steps;
    } else if (name === 'Claimed') {
      const [task, claim, steps] = [args['task'], args['claim'], args['steps']].map(Number) as [
        number,
        number,
        number,
      ];
      open -= steps;
      taken += steps;
      left.set(task, (left.get(task) ?? 0) - steps);
      deals.push({ time, task, claim, steps, reward: args['reward'] as bigint });
    } else if (name === 'ClaimEnded') {
      const claim = claimOf.get(Number(args['claim']));
      if (!claim) continue;
      const settled = CLAIM_STATUS[Number(args['status'])] === 'settled';
      const back = claim.steps - (settled ? claim.delivered : 0);
      taken -= claim.steps;
      open += back;
      left.set(claim.task, (left.get(claim.task) ?? 0) + back);
    } else if (TASK_STATUS[Number(args['status'])] === 'closed') {
      const task = Number(args['task']);
      open -= left.get(task) ?? 0;
      left.set(task, 0);
    }
    if (points.at(-1)?.time === time) points.pop();
    points.push({ time, open, taken });
  }
  return { points, deals };
}

/** Seconds of a block: read for some, on a straight line between them for the rest. */
async function timesOf(client: MarketClient, blocks: readonly number[]): Promise<(block: number) => number> {
  const every = Math.max(1, Math.ceil(blocks.length / MOST_BLOCKS));
  const asked = blocks.filter((_, i) => i % every === 0 || i === blocks.length - 1);
  const known: (readonly [number, number])[] = [];
  for (let i = 0; i < asked.length; i += 16) {
    const part = asked.slice(i, i + 16);
    const read = await Promise.all(part.map((block) => client.provider.getBlock(block)));
    read.forEach((block, k) => block && known.push([part[k]!, block.timestamp]));
  }
  return (block) => {
    const after = known.findIndex(([number]) => number >= block);
    if (after < 0) return known.at(-1)?.[1] ?? 0;
    const [number, time] = known[after]!;
    if (number === block || after === 0) return time;
    const [from, start] = known[after - 1]!;
    return Math.round(start + ((time - start) * (block - from)) / (number - from));
  };
}
