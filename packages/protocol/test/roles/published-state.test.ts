/** A state is found with whoever has it, though others say of bytes that never come that they are it. */
import { digestFromHex } from '@gensyn/ir';
import { expect } from 'chai';
import { hexlify } from 'ethers';
import { fund, UNAVAILABLE } from '../../src/chain/index.js';
import { nodeTree } from '../../src/pinpoint/index.js';
import { publishedState } from '../../src/roles/published-state.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import type { Store } from '../../src/storage/index.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

/** CIDs of nothing that anybody has, and of what never comes to an end. */
const NOWHERE = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const TRICKLE = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzda';

describe('published states', function () {
  this.timeout(60_000);
  let bazaar: Bazaar;
  let solver: Player;
  before(async () => {
    bazaar = await openBazaar();
    const store = bazaar.store as { -readonly [K in keyof Store]: Store[K] };
    for (const name of ['list', 'read', 'fetch'] as const) {
      const real = store[name].bind(store) as (...all: unknown[]) => Promise<never>;
      store[name] = ((cid: string, ...more: unknown[]) =>
        cid === TRICKLE ? new Promise<never>(() => undefined) : real(cid, ...more)) as never;
    }
    for (const seed of [1, 2, 3]) await bazaar.submit({ seed }, seed === 1 ? { segment: 20 } : {});
    // Claims of others, with lower numbers.
    for (const [account, task] of [
      [8, 2],
      [9, 3],
    ] as const) {
      const client = await bazaar.devnet.client(account);
      await fund(client, 20n * TOKEN);
      await client.send('claim', client.market.claim.populateTransaction(task, 0, 0));
      await client.close();
    }
    solver = await bazaar.join('solver', 1, (...all) => openSolver(...all, { once: true, task: 1 }));
    for (const account of [3, 4])
      await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 2 }));
    await bazaar.until(async () => (await bazaar.look.market.claims()) === 3n);
    await bazaar.until(async () => (await bazaar.claim(3)).status === 'settled');
    const { state } = await bazaar.claim(3);
    const tree = nodeTree([digestFromHex(state.slice(2))]);
    for (const [account, claim, cid] of [
      [8, 1, TRICKLE],
      [9, 2, NOWHERE],
    ] as const) {
      const client = await bazaar.devnet.client(account);
      const path = tree.path(0).map((node) => hexlify(node));
      const call = client.market.checkpoint.populateTransaction(
        claim,
        1,
        hexlify(tree.root),
        state,
        path,
        cid,
      );
      await client.send('checkpoint', call);
      await client.close();
    }
  });
  after(() => bazaar.close());

  it('are found with the one whose claim was settled, by solvers and verifiers', async () => {
    const next = await bazaar.join('solver', 2, (...all) => openSolver(...all, { once: true, task: 1 }));
    await bazaar.until(async () => (await bazaar.task(1)).status === 'done');
    expect((await bazaar.claim(4)).solver).to.equal(next.account);
    const { members, unavailable } = await bazaar.claim(4);
    expect([members > 0, unavailable]).to.deep.equal([true, 0]);
    const attested = [...(next.party.view.claims.get(4)?.attested.values() ?? [])];
    expect(attested).to.not.include(UNAVAILABLE);
    expect(bazaar.events.filter(({ kind }) => kind === 'unavailable')).to.deep.equal([]);
  });

  it('are not waited for without end where nobody has them', async () => {
    const { view, store, journal } = solver.party;
    await view.refresh();
    const { state } = await bazaar.claim(3);
    const { job } = await solver.shelf.job(await view.task(1));
    const library = { view, store, folder: (claim: number) => journal.work(`other-${claim}`) };
    const patience = { source: 200, whole: 1000 };
    const find = (start: number) => publishedState(library, state, job.manifest, start, undefined, patience);
    expect(await find(20)).to.not.equal(undefined);
    // The same claims, but for the two of those who have it.
    const others = new Map([...view.claims].filter(([id]) => id <= 2));
    const began = performance.now();
    const none = { ...library, view: { ...view, claims: others, task: view.task, claim: view.claim } };
    expect(await publishedState(none, state, job.manifest, 20, undefined, patience)).to.equal(undefined);
    expect(performance.now() - began).to.be.lessThan(5000);
  });
});
