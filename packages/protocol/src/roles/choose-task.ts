/** Which task a solver takes: what it pays for its work, and whether this machine can do it in time. */
import type { Graph } from '@gensyn/ir';
import type { Task } from '../chain/index.js';

/** A task with what its job and the own machine say of it. */
export interface Offer {
  readonly task: Task;
  readonly reward: bigint;
  readonly steps: number;
  /** Scalar operations of a step, by the manifest. */
  readonly workPerStep: number;
  readonly memoryBytes: number;
  /** Seconds of a step on this machine. */
  readonly secondsPerStep: number;
  /** Seconds of a step with all its values, as games ask for it. */
  readonly secondsPerTrace: number;
  /** Of a player of a game about it, for all moves. */
  readonly clock: number;
}

export interface Wishes {
  /** Smallest units of the token for a billion operations. */
  readonly minPrice?: bigint;
  readonly maxMemory?: number;
}

const BILLION = 1e9;
/** Part of the time allowed that work may take by estimate. */
const TIME_SHARE = 0.8;
/** Part of a player's clock that the replay of one interval may take. */
const CLOCK_SHARE = 1 / 3;

/** Smallest units of the token for a billion operations. */
export function priceOf({
  reward,
  steps,
  workPerStep,
}: Pick<Offer, 'reward' | 'steps' | 'workPerStep'>): bigint {
  const work = Math.max(1, steps * workPerStep);
  return BigInt(Math.floor((Number(reward) / work) * BILLION));
}

/** Bytes of all values of a step at once, as a replay for a game holds them. */
export function valuesBytes({ nodes }: Pick<Graph, 'nodes'>): number {
  return nodes.reduce(
    (sum, { type }) =>
      sum + type.shape.reduce((product, dim) => product * dim, type.dtype === 'bool' ? 1 : 4),
    0,
  );
}

/** Why a solver leaves an offer alone; undefined where it takes it. */
export function objection(offer: Offer, { minPrice, maxMemory }: Wishes): string | undefined {
  const { task, steps, secondsPerStep, secondsPerTrace, memoryBytes, clock } = offer;
  if (minPrice !== undefined && priceOf(offer) < minPrice) return 'it pays too little for its work';
  if (maxMemory !== undefined && memoryBytes > maxMemory)
    return `it needs ${Math.ceil(memoryBytes / 2 ** 20)} MiB of memory`;
  if (steps * secondsPerStep > task.workTime * TIME_SHARE)
    return `${steps} steps would take ${Math.ceil(steps * secondsPerStep)} s here, of ${task.workTime} s allowed`;
  if (task.interval * secondsPerTrace > clock * CLOCK_SHARE)
    return `an interval would take ${Math.ceil(task.interval * secondsPerTrace)} s to replay in a dispute, of ${clock} s for all moves`;
  return undefined;
}

/** The best paid for its time first; equal ones in an order of each account's own, so that solvers do not all want the same. */
export function byWorth(account: string): (a: Offer, b: Offer) => number {
  const worth = ({ reward, steps, secondsPerStep }: Offer): number =>
    Number(reward) / Math.max(1e-9, steps * secondsPerStep);
  const salt = Number.parseInt(account.slice(2, 10), 16);
  const lot = ({ task }: Offer): number => (Math.imul(task.id ^ salt, 0x9e3779b1) ^ salt) >>> 0;
  return (a, b) => {
    const [x, y] = [worth(a), worth(b)];
    return Math.abs(x - y) > 0.25 * Math.max(x, y) ? y - x : lot(a) - lot(b);
  };
}
