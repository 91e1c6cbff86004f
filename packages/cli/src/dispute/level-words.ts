/** What the leaves of each tree of a descent are called. */
import type { DisputeMove } from '@gensyn/protocol';

export const LEAVES: Readonly<Record<DisputeMove['level'], string>> = {
  run: 'checkpoint',
  attestation: 'attestation',
  segment: 'step',
  step: 'operator',
  state: 'state entry',
  tensor: 'chunk',
  element: 'element',
  terms: 'chunk of terms',
  value: 'value',
};

/** "step 37" at a leaf, "steps 33 to 48" above; counted from 1. */
export function leavesInDispute({ level, depth, index }: DisputeMove): string {
  const width = 2 ** depth;
  const name = LEAVES[level];
  if (level === 'value' || level === 'element' || level === 'attestation') return name;
  if (depth === 0) return `${name} ${(index + 1).toLocaleString('en-US')}`;
  return `${name} ${(index * width + 1).toLocaleString('en-US')} to ${((index + 1) * width).toLocaleString('en-US')}`;
}
