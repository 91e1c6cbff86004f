/** Tasks whose final states are known byte by byte, though nobody has trained anything: a claim may be over whatever roots there are. */
import { rootsOf, type State } from '@gensyn/ir';
import { hexlify } from 'ethers';
import type { MarketClient } from '../../src/chain/index.js';
import { nodeTree } from '../../src/pinpoint/index.js';
import { bareSubmission } from './bare-submission.js';

/** Of some tensors of different types and sizes; `w` has two pieces. */
export function someState(seed: number, rename = (name: string): string => name): State {
  const floats = (count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => seed * 1000 + i);
  return new Map([
    [rename('w'), { dtype: 'f32', shape: [30, 50], data: floats(1500) }],
    [rename('b'), { dtype: 'f32', shape: [5], data: floats(5) }],
    [rename('mask'), { dtype: 'bool', shape: [3, 2], data: Uint8Array.of(1, 0, 1, 1, seed % 2, 0) }],
    [rename('step'), { dtype: 'i32', shape: [], data: Int32Array.of(seed) }],
  ]);
}

/** Number of a claim over these states, which is proven: of a task of 10 steps for each of them. */
export async function provenClaim(
  submitter: MarketClient,
  solver: MarketClient,
  states: readonly State[],
): Promise<number> {
  const bare = await bareSubmission(submitter);
  const steps = 10 * states.length;
  const submission = { ...bare, job: { ...bare.job, steps, interval: 10 }, segment: steps };
  const { market } = solver;
  await submitter.send('submit', submitter.market.submit.populateTransaction(submission));
  await solver.send('claim', market.claim.populateTransaction(await market.tasks(), 0, 0));
  const claim = Number(await market.claims());
  const tree = nodeTree(states.map((state) => Buffer.from(rootsOf(state).root, 'hex')));
  const [root, last] = [hexlify(tree.root), states.length - 1];
  await solver.send(
    'deliver',
    market.checkpoint.populateTransaction(
      claim,
      states.length,
      root,
      hexlify(tree.entry(last)),
      tree.path(last).map((each) => hexlify(each)),
      'cid',
    ),
  );
  await solver.send('prove', market.prove.populateTransaction(claim, root));
  return claim;
}
