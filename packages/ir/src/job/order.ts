/** Which rows of a data set each step trains on, and which are held out: one definition for solver, verifier and chain. */
import { GensynError } from '../error.js';
import { batchIndices, epochPermutation } from '../random/permutation.js';

/** The "epoch" whose permutation splits a data set into training and holdout rows; no run reaches it. */
export const SPLIT_EPOCH = 0xffff_ffff;

/**
 * The order of a data set of `rows` rows of which `holdout` are kept out of training, in batches of `batch`.
 *
 * Definition. With split = epochPermutation(seed, 2^32 - 1, rows), the training rows are split(0) .. split(N - 1), N = rows - holdout, and the
 * holdout rows split(N) .. split(rows - 1). Row j (0 <= j < batch) of the batch of step s stands at position p = s * batch + j of
 * the sample stream and is split(epochPermutation(seed, floor(p / N), N)(p mod N)): every epoch visits each training row once, and a batch
 * may cross into the next epoch. Row j of holdout batch k is split(N + k * batch + j).
 */
export interface BatchOrder {
  /** Row numbers, 0-based, of the batch of a step (the first step is 0). Errors: G0030. */
  training(step: number): Int32Array;
  /** Row numbers of holdout batch k, 0 <= k < holdoutBatches. */
  holdout(k: number): Int32Array;
  /** Whole batches that the holdout rows make; rows beyond them are not used. */
  readonly holdoutBatches: number;
}

/** Errors: G0030 when no training row is left, or a number is out of range. */
export function batchOrder(seed: number, batch: number, rows: number, holdout: number): BatchOrder {
  const training = rows - holdout;
  if (!Number.isInteger(holdout) || holdout < 0 || training < 1) {
    throw new GensynError('G0030', `${holdout} of ${rows} rows cannot be held out`);
  }
  const split = epochPermutation(seed, SPLIT_EPOCH, rows);
  const holdoutBatches = Math.floor(holdout / batch);
  return {
    training: (step) => batchIndices(seed, step, batch, training).map(split),
    holdout(k) {
      if (!Number.isInteger(k) || k < 0 || k >= holdoutBatches)
        throw new GensynError('G0030', `there is no holdout batch ${k}`);
      return Int32Array.from({ length: batch }, (_, j) => split(training + k * batch + j));
    },
    holdoutBatches,
  };
}
