/** Runs operations of Binary32 on a chain, on many operands at once, and compares the results. */
import type { Contract } from 'ethers';
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { deployHarness } from '../deploy-harness.js';
import { edgePairs } from './operands.js';
import type { Operation } from './operations.js';

/** Gas of a block on a chain on which thousands of operations go into one call. */
export const BATCH_GAS = 1e12;
const PAIRS_PER_CALL = 16_384;

export interface Mismatch {
  readonly a: number;
  readonly b: number;
  readonly wanted: number;
  readonly got: number;
}

export interface Outcome {
  readonly pairs: number;
  readonly mismatches: readonly Mismatch[];
}

export interface Batch {
  /** Results of `operation` on pairs a, b, a, b, ..., of which there are a multiple of four. */
  run(operation: number, pairs: Uint32Array): Promise<Uint32Array>;
}

export async function batchOn({ signer, provider }: Devnet): Promise<Batch> {
  const contract: Contract = await deployHarness(signer, 'Binary32Batch');
  const to = await contract.getAddress();
  const selector = contract.interface.getFunction('batch')!.selector;
  const word = (n: number): string => n.toString(16).padStart(64, '0');

  // Encoded by hand: ethers takes seconds for a million words.
  async function call(operation: number, pairs: Uint32Array): Promise<Buffer> {
    const operands = Buffer.from(pairs.buffer, pairs.byteOffset, pairs.byteLength);
    const data = `${selector}${word(operation)}${word(64)}${word(pairs.length / 8)}${Buffer.from(operands).swap32().toString('hex')}`;
    const answer: string = await provider.send('eth_call', [
      { to, data, gas: `0x${BATCH_GAS.toString(16)}` },
      'latest',
    ]);
    return Buffer.from(answer.slice(2), 'hex');
  }

  return {
    async run(operation, pairs) {
      const answer = await call(operation, pairs);
      const results = new Uint32Array(pairs.length / 2);
      // The answer: offset, count of words, then words of four results in their low halves.
      for (let i = 0; i < results.length; i++)
        results[i] = answer.readUInt32BE(64 + (i >> 2) * 32 + 16 + (i & 3) * 4);
      return results;
    },
  };
}

/** At least `count` pairs, all pairs of edges among them. */
export async function compare(
  batch: Batch,
  operation: Operation,
  count: number,
  random: () => number,
): Promise<Outcome> {
  const mismatches: Mismatch[] = [];
  let pairs = 0;
  const check = async (operands: Uint32Array): Promise<void> => {
    const results = await batch.run(operation.number, operands);
    for (let i = 0; i < results.length; i++) {
      const [a, b] = [operands[2 * i]!, operands[2 * i + 1]!];
      const wanted = operation.expected(a, b);
      if (results[i] !== wanted) mismatches.push({ a, b, wanted, got: results[i]! });
    }
    pairs += results.length;
  };
  await check(edgePairs());
  while (pairs < count) {
    const operands = new Uint32Array(2 * PAIRS_PER_CALL);
    operation.takes(operands, random);
    await check(operands);
  }
  return { pairs, mismatches };
}

/** 32 random bits at a time, the same ones for the same seed (sfc32, PractRand). */
export function randomBits(seed: number): () => number {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
