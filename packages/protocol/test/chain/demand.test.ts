/** Every piece of a state can be put on the chain by whoever holds it; what was not put there costs the stake. */
import { expect } from 'chai';
import { rootsOf } from '@gensyn/ir';
import {
  challenges,
  fund,
  moneyOf,
  readClaim,
  readValues,
  refusal,
  settleDue,
  taskReport,
  type MarketClient,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { answerOf, shownState, type Place } from '../../src/pinpoint/index.js';
import { codeOf } from '../code-of.js';
import { provenClaim, someState } from './proven-state.js';

const TOKEN = 10n ** 18n;

describe('demands', () => {
  let devnet: MarketDevnet;
  let clients: [MarketClient, MarketClient, MarketClient];
  const states = [1, 2, 3].map((seed) => someState(seed));
  const roots = states.map((state) => Buffer.from(rootsOf(state).root, 'hex'));
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10, clock: 100, values: { committee: 0 } });
    clients = [await devnet.client(0), await devnet.client(1), await devnet.client(2)];
    for (const client of clients) await fund(client, 1000n * TOKEN);
  });
  after(async () => {
    for (const client of clients) await client.close();
    await devnet.stop();
  });
  const free = async (client: MarketClient): Promise<bigint> => (await moneyOf(client, client.account!)).free;

  async function demand(claim: number, record: number, entry: bigint, piece: bigint) {
    const { market, send } = clients[2];
    const { root } = await readClaim(clients[2], claim);
    await send('demand', market.demand.populateTransaction(claim, root, record, entry, piece));
    const [made] = await challenges(clients[2], { claim });
    expect(made).to.include({ kind: 'demand', seat: 0, challenger: clients[2].account });
    return { ...made!, place: { root, records: 3, record, entry, piece } satisfies Place };
  }

  it('are answered with whatever is there', async () => {
    const claim = await provenClaim(clients[0], clients[1], states);
    const { demandFee } = await readValues(clients[0]);
    const [asker, solver] = [await free(clients[2]), await free(clients[1])];
    const none = 2n ** 64n - 1n;
    const asked = [
      ...[1, 2, 3].map((record) => [record, 0n, 1n] as const),
      ...[0n, 1n, 2n, 3n, 4n, none].map((entry) => [2, entry, 0n] as const),
      ...[2n, none].map((piece) => [2, 0n, piece] as const),
    ];
    for (const [record, entry, piece] of asked) {
      const { game, id, place } = await demand(claim, record, entry, piece);
      const answer = answerOf(place, roots, shownState(states[record - 1]!));
      const { market, pinpoint, send } = clients[1];
      if (entry === 0n && piece === 1n) {
        const wrong = { ...answer, chunks: [...answer.chunks].reverse() };
        let why: unknown;
        await send('lie', pinpoint.answer.populateTransaction(game, place, wrong)).catch(
          (error) => (why = error),
        );
        expect(refusal(why)?.name).to.equal('NotBound');
      }
      await send('answer', pinpoint.answer.populateTransaction(game, place, answer));
      await send('resolve', market.resolve.populateTransaction(id));
    }
    expect(await free(clients[2])).to.equal(asker - BigInt(asked.length) * demandFee);
    expect(await free(clients[1])).to.equal(solver + BigInt(asked.length) * demandFee);
    const { task } = await readClaim(clients[0], claim);
    const { demands, challenges: games } = (await taskReport(clients[0], task)).claims[0]!;
    expect(games).to.deep.equal([]);
    expect(demands.map(({ asked }) => [asked.record, asked.entry, asked.piece])).to.deep.equal(asked);
    expect(demands.every(({ asked: { outcome, answer } }) => outcome === 'defender' && answer)).to.equal(
      true,
    );
    const place = { root: '0x', records: 3, record: 1, entry: 0n, piece: 0n };
    expect(await codeOf(() => answerOf(place, roots, shownState(states[1]!)))).to.equal('N0705');
  });

  it('are flagged, resolved and paid by anybody where nobody answers', async () => {
    const claim = await provenClaim(clients[0], clients[1], states);
    const before = await free(clients[2]);
    await demand(claim, 1, 0n, 0n);
    const { task } = await readClaim(clients[0], claim);
    const stands = async () => (await taskReport(clients[0], task)).claims[0]!.demands[0]!.asked;
    const { outcome, until, answer } = await stands();
    const left = until - (await clients[0].now());
    expect([outcome, answer, left > 90 && left <= 100]).to.deep.equal(['open', undefined, true]);
    await devnet.pass(102);
    const done = (await settleDue(clients[0], { task })).map(({ what }) =>
      what.split(',')[0]!.replace(/\d+/, 'N'),
    );
    expect(done.filter((what) => !what.startsWith('draw')).slice(0, 2)).to.deep.equal([
      'end game N',
      'resolve challenge N',
    ]);
    const fallen = await readClaim(clients[0], claim);
    expect(fallen).to.include({ status: 'slashed', prize: 0n, winners: 0 });
    expect((await free(clients[2])) > before).to.equal(true);
    expect((await stands()).outcome).to.equal('challenger');
  });
});
