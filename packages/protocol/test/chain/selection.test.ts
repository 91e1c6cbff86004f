/** A task begins with entries of several proven states, as the contract computes them and as TypeScript does. */
import { expect } from 'chai';
import { rootsOf, type State } from '@gensyn/ir';
import { sha256, toUtf8Bytes } from 'ethers';
import {
  entriesOf,
  fund,
  readClaim,
  readSelection,
  readTask,
  refusal,
  selectStates,
  settleDue,
  wireAll,
  type MarketClient,
  type Selection,
  type Wire,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { codeOf } from '../code-of.js';
import { bareSubmission } from './bare-submission.js';
import { provenClaim, someState } from './proven-state.js';

const TOKEN = 10n ** 18n;
const named =
  (shard: number) =>
  (name: string): string =>
    `shard${shard}.${name}`;

describe('tasks that begin with entries of proven states', () => {
  let devnet: MarketDevnet;
  let clients: [MarketClient, MarketClient];
  const states = [1, 2, 3].map((shard) => someState(shard, named(shard)));
  const tasks: number[] = [];
  let open: number;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10, values: { committee: 0 } });
    clients = [await devnet.client(0), await devnet.client(1)];
    for (const client of clients) await fund(client, 1000n * TOKEN);
    const claims: number[] = [];
    for (const state of states) claims.push(await provenClaim(...clients, [state]));
    // Of twice the steps.
    claims.push(await provenClaim(...clients, [someState(4), someState(5)]));
    await devnet.pass(60);
    for (const claim of claims) tasks.push((await readClaim(clients[0], claim)).task);
    await settleDue(clients[0]);
    open = (await readClaim(clients[0], await provenClaim(...clients, [someState(6)]))).task;
  });
  after(async () => {
    for (const client of clients) await client.close();
    await devnet.stop();
  });

  const proven = (i: number) => ({ task: tasks[i]!, entries: entriesOf(states[i]!) });
  async function submit({ parents, opened, wiring, init }: Selection): Promise<number> {
    const [{ market, send }] = clients;
    const bare = await bareSubmission(clients[0]);
    const submission = { ...bare, job: { ...bare.job, init } };
    await send('submit', market.submitFrom.populateTransaction(submission, [...parents], opened, wiring));
    return Number(await market.tasks());
  }
  async function refused(selection: Selection): Promise<string | undefined> {
    try {
      await submit(selection);
      return undefined;
    } catch (error) {
      return refusal(error)?.name;
    }
  }

  it('merges, splits and renames', async () => {
    const merged = selectStates(
      [0, 1, 2].map(proven),
      [0, 1, 2].flatMap((i) => wireAll(proven(i), i)),
    );
    const all: State = new Map(states.flatMap((state) => [...state]));
    expect(merged.init).to.equal(`0x${rootsOf(all).root}`);
    const merge = await submit(merged);
    expect(await readTask(clients[0], merge)).to.include({ state: merged.init, firstStep: 10 });
    // What the chain tells of it is enough to put the state together.
    const seen = (await readSelection(clients[0], merge))!;
    expect(seen.parents).to.deep.equal(tasks.slice(0, 3));
    const names = [...all.keys()].map((name) => sha256(toUtf8Bytes(name)));
    expect(seen.wires.map(({ name }) => name)).to.deep.equal(names);
    expect(await readSelection(clients[0], tasks[0]!)).to.equal(undefined);

    const [split] = [proven(1)];
    const part: Wire[] = [
      { parent: 0, entry: 3, name: 'step' },
      { parent: 0, entry: 0, name: 'again' },
      { parent: 0, entry: 0, name: 'w' },
    ];
    const held = [...states[1]!.values()];
    const picked: State = new Map([
      ['step', held[3]!],
      ['again', held[0]!],
      ['w', held[0]!],
    ]);
    const selection = selectStates([split], part);
    expect(selection.init).to.equal(`0x${rootsOf(picked).root}`);
    expect(await readTask(clients[0], await submit(selection))).to.include({ firstStep: 10 });
  });

  it('refuses what was not proven', async () => {
    const two = [proven(0), proven(1)];
    const wires = [...wireAll(two[0]!, 0), ...wireAll(two[1]!, 1)];
    const right = selectStates(two, wires);
    const swapped = selectStates(two, [wires[1]!, wires[0]!, ...wires.slice(2)]);
    expect(await refused({ ...right, wiring: swapped.wiring })).to.equal('OtherStart');
    expect(await refused({ ...right, wiring: selectStates(two, wires.slice(1)).wiring })).to.equal(
      'OtherStart',
    );
    // An entry left out of what is opened, or of another type, shape or name.
    const [first] = two[0]!.entries;
    for (const entries of [
      two[0]!.entries.slice(0, 3),
      two[0]!.entries.with(0, { ...first!, dtype: 'i32' }),
      two[0]!.entries.with(0, { ...first!, shape: [50, 30] }),
      two[0]!.entries.with(0, { ...first!, name: 'other' }),
    ])
      expect(await refused(selectStates([{ ...two[0]!, entries }], wireAll({ entries }, 0)))).to.equal(
        'OtherStart',
      );
    // Not done; at another step; nobody's.
    const undone = { task: open, entries: entriesOf(someState(6)) };
    expect(await refused(selectStates([two[0]!, undone], [...wireAll(undone, 1)]))).to.equal(
      'WrongTaskStatus',
    );
    const later = { task: tasks[3]!, entries: entriesOf(someState(5)) };
    expect(await refused(selectStates([two[0]!, later], wireAll(later, 1)))).to.equal('OtherSteps');
    expect(await refused({ ...right, parents: [] })).to.equal('BadSubmission');
    expect(await codeOf(() => selectStates(two, [{ parent: 1, entry: 9, name: 'x' }]))).to.equal('N0413');
    expect(await refused(right)).to.equal(undefined);
  });
});
