/** Whoever never gets what it asks a store for does in time what can be done without. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { UNAVAILABLE } from '../../src/chain/index.js';
import type { Shelf } from '../../src/roles/shelf.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, type Bazaar, type Player } from './bazaar.js';

/** Of some claims, nothing ever comes. */
const stuck = (shelf: Shelf, ...claims: number[]): Shelf => ({
  ...shelf,
  records: (claim) => (claims.includes(claim.id) ? new Promise(() => undefined) : shelf.records(claim)),
});

describe('roles with a store that does not come to an end', function () {
  this.timeout(60_000);
  let bazaar: Bazaar;
  let verifier: Player;
  let whistleblower: Player;
  before(async () => {
    bazaar = await openBazaar();
    await bazaar.join('solver', 1, (...all) => openSolver(...all));
    for (const account of [2, 3])
      await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 1 }));
    verifier = await bazaar.join('verifier', 4, (party, shelf, duties) =>
      openVerifier(party, stuck(shelf, 1), duties, { seats: 1 }),
    );
    whistleblower = await bazaar.join('whistleblower', 5, (party, shelf, duties) =>
      openWhistleblower(party, stuck(shelf, 1), duties),
    );
    await bazaar.round();
    // Their work does not end, so nobody waits for it.
    for (const player of [verifier, whistleblower]) bazaar.rest(player);
  });
  after(async () => {
    for (const { duties, party } of [verifier, whistleblower]) {
      // What hangs ends when the time for it has passed.
      await bazaar.devnet.pass(1000);
      await party.view.refresh();
      await duties.rest();
    }
    await bazaar.close();
  });

  async function until(over: () => boolean): Promise<void> {
    while (!over()) {
      for (const { party, agent } of [verifier, whistleblower]) {
        await party.view.refresh();
        await agent.tick();
      }
      if (await bazaar.round()) continue;
      await sleep(300);
      await bazaar.devnet.pass(1);
    }
  }

  it('attest before the end that the artefacts cannot be had', async () => {
    await bazaar.submit({ seed: 21 });
    const { view, isMe } = verifier.party;
    const mine = (): string | undefined =>
      [...(view.claims.get(1)?.attested ?? [])].find(([seat]) => isMe(view.seats.get(seat) ?? ''))?.[1];
    await until(() => mine() !== undefined);
    expect(mine()).to.equal(UNAVAILABLE);
  });

  it('check other claims meanwhile', async () => {
    await bazaar.submit({ seed: 22 });
    await until(() =>
      bazaar.events.some(
        ({ kind, role, claim }) => kind === 'matches' && role === 'whistleblower' && claim === 2,
      ),
    );
    expect(bazaar.events.some(({ kind, claim }) => kind === 'wrong' && claim === 2)).to.equal(false);
  });
});
