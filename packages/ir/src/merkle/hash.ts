/** SHA-256 of pairs of digests, a level at a time; the runtime may register a faster function than node's. */
import crypto, { createHash } from 'node:crypto';

/** Hashes each 64 bytes of `input` into the next 32 bytes of `output`. The two never overlap. */
export type PairHasher = (input: Uint8Array, output: Uint8Array) => void;

/** SHA-256 of one message. The one-shot function spares a third of the time, and exists from Node 20.12 on. */
const hashOne: (message: Uint8Array) => Uint8Array =
  typeof crypto.hash === 'function'
    ? (message) => crypto.hash('sha256', message, 'buffer')
    : (message) => createHash('sha256').update(message).digest();

/** Parts up to this many bytes together are joined: a hash of several updates costs several times as much. */
const JOINED_BYTES = 4096;
const joined = new Uint8Array(JOINED_BYTES);

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= JOINED_BYTES) {
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return new Uint8Array(hashOne(joined.subarray(0, length)));
  }
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The pair hasher that is always there. */
export function nodePairHasher(input: Uint8Array, output: Uint8Array): void {
  for (let i = 0, j = 0; i < input.length; i += 64, j += 32) {
    output.set(hashOne(input.subarray(i, i + 64)), j);
  }
}

let current: PairHasher = nodePairHasher;

/** Replaces the pair hasher for the whole process. It must compute the same function. Returns the one before. */
export function setPairHasher(hasher: PairHasher): PairHasher {
  const before = current;
  current = hasher;
  return before;
}

export function hashPairs(input: Uint8Array, output: Uint8Array): void {
  current(input, output);
}
