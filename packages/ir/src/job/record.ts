/** Proof of learning: what a solver records at each checkpoint, and the one root over all of it. */
import { GensynError } from '../error.js';
import { sha256 } from '../merkle/hash.js';
import { listRoot } from '../merkle/root.js';

/** One line of a proof of learning (Jia et al. 2021, with roots in place of weights). */
export interface CheckpointRecord {
  /** Number of steps done. 0 is the initial state. */
  readonly step: number;
  /** Merkle root of the state, hex. */
  readonly stateRoot: string;
  /** Training loss of the last step, a binary32; absent at step 0. */
  readonly loss?: number;
  /** Position in the sample stream: step * batch. */
  readonly cursor: number;
  /** Whole milliseconds of training time since the start of the run. */
  readonly time: number;
}

export const RECORD_TAG = new Uint8Array(32);
RECORD_TAG.set(new TextEncoder().encode('gensyn/record/v1'));

/** Stands for an absent loss: no binary32 has these bits, for they are 33. */
const NO_LOSS = 2 ** 32;

function word(value: number, what: string): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new GensynError('G0023', `the ${what} of a checkpoint record is ${value}`);
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

/** 32 bytes from 64 lower-case hex digits. Errors: G0023. */
export function digestFromHex(hex: string): Uint8Array {
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex))
    throw new GensynError('G0023', `${JSON.stringify(hex)} is no root`);
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function lossBits(loss: number | undefined): number {
  if (loss === undefined) return NO_LOSS;
  if (!Number.isFinite(loss) || Math.fround(loss) !== loss)
    throw new GensynError('G0023', `the loss ${loss} is no binary32`);
  return new Uint32Array(Float32Array.of(loss).buffer)[0]!;
}

/**
 * SHA256(tag || step || state root || loss || cursor || time): 32 bytes each, integers big-endian, the loss as its binary32 bits
 * (2^32 when absent). Errors: G0023 for a record that has no such form.
 */
export function recordDigest(record: CheckpointRecord): Uint8Array {
  return sha256(
    RECORD_TAG,
    word(record.step, 'step'),
    digestFromHex(record.stateRoot),
    word(lossBits(record.loss), 'loss'),
    word(record.cursor, 'cursor'),
    word(record.time, 'time'),
  );
}

/** Root of a proof of learning: the list of its records' digests, hex. Errors: G0023. */
export function proofRoot(records: readonly CheckpointRecord[]): string {
  return Buffer.from(listRoot(records.map(recordDigest))).toString('hex');
}
