/** claim.json: the records of a claim, from which its root on chain follows. */
import { GensynError, canonicalJson, digestFromHex } from '@gensyn/ir';
import { nodeTree } from '../pinpoint/node-tree.js';

export const CLAIM_FILE = 'claim.json';

/** The state after a checkpoint interval. Steps are counted as the job does, from its very first. */
export interface ClaimRecord {
  readonly step: number;
  /** Hex. */
  readonly stateRoot: string;
  readonly loss?: number;
}

export interface ClaimRecords {
  /** Steps done before the claim. */
  readonly from: number;
  readonly records: readonly ClaimRecord[];
}

/** What the chain says of a claim. */
export interface ExpectedClaim {
  /** Steps done before the claim, counted as the job does: of the tasks before it, and of the task. */
  readonly from: number;
  /** Steps delivered. */
  readonly steps: number;
  readonly interval: number;
  /** 0x-prefixed or plain hex. */
  readonly root: string;
}

/** Where the file with the state after `step` steps lies. */
export function stateFile(step: number): string {
  return `states/${String(step).padStart(10, '0')}.safetensors`;
}

export function writeClaim({ from, records }: ClaimRecords): Uint8Array {
  const plain = records.map(({ step, stateRoot, loss }) => ({
    step,
    stateRoot,
    ...(loss === undefined ? {} : { loss }),
  }));
  return Buffer.from(`${canonicalJson({ format: 'gensyn-claim/1', from, records: plain })}\n`);
}

/** Bytes that the file of an honest solver has at most. */
export function claimLimit({ steps, interval }: ExpectedClaim): number {
  return 1024 + 256 * Math.ceil(steps / interval);
}

/** Errors: N0506 for anything but the records whose tree has the claim's root. */
export function readClaim(bytes: Uint8Array, expected: ExpectedClaim): ClaimRecords {
  const { from, steps, interval, root } = expected;
  const fail = (why: string): never => {
    throw new GensynError('N0506', `the claim's records are not those of the chain: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail(`${CLAIM_FILE} is no JSON`);
  }
  const file = (value ?? {}) as { format?: unknown; from?: unknown; records?: unknown };
  if (file.format !== 'gensyn-claim/1') fail(`${CLAIM_FILE} has another format`);
  const count = Math.ceil(steps / interval);
  if (file.from !== from || !Array.isArray(file.records) || file.records.length !== count)
    return fail(`there should be ${count}, after step ${from}`);
  const records = (file.records as unknown[]).map((record, i): ClaimRecord => {
    const { step, stateRoot, loss } = (record ?? {}) as Record<string, unknown>;
    if (step !== from + Math.min((i + 1) * interval, steps)) fail(`record ${i} is of another step`);
    if (typeof stateRoot !== 'string' || !/^[0-9a-f]{64}$/.test(stateRoot)) fail(`record ${i} has no root`);
    if (loss !== undefined && (typeof loss !== 'number' || !Number.isFinite(loss)))
      fail(`record ${i} has a loss that is none`);
    return {
      step: step as number,
      stateRoot: stateRoot as string,
      ...(loss === undefined ? {} : { loss: loss as number }),
    };
  });
  const found = nodeTree(records.map(({ stateRoot }) => digestFromHex(stateRoot))).root;
  if (Buffer.from(found).toString('hex') !== root.replace(/^0x/, '').toLowerCase())
    fail('their tree has another root');
  return { from, records };
}
