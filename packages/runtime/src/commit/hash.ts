/** Registers a SHA-256 written for this processor (SHA-NI, AVX) for Merkle trees, where the optional package loads. */
import { nodePairHasher, setPairHasher, type PairHasher } from '@gensyn/ir';

let installed: Promise<'hashtree' | 'node'> | undefined;

/** Whether the package computes SHA-256 of pairs: a native build that does not is worse than none. */
function agrees(hash: PairHasher): boolean {
  const input = Uint8Array.from({ length: 64 * 37 }, (_, i) => (i * 197) & 255);
  const [ours, theirs] = [new Uint8Array(32 * 37), new Uint8Array(32 * 37)];
  nodePairHasher(input, ours);
  hash(input, theirs);
  return ours.every((byte, i) => byte === theirs[i]);
}

async function install(): Promise<'hashtree' | 'node'> {
  try {
    const { hashInto } = await import('@chainsafe/hashtree');
    if (!agrees(hashInto)) return 'node';
    setPairHasher(hashInto);
    return 'hashtree';
  } catch {
    // No build for this platform: roots are the same without it, only slower.
    return 'node';
  }
}

/** Makes Merkle trees fast where this platform allows; says which hash serves them from now on. May be called repeatedly. */
export function installFastHash(): Promise<'hashtree' | 'node'> {
  return (installed ??= install());
}
