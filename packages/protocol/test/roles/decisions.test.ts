/** What roles decide, of plain facts. */
import type { Graph } from '@gensyn/ir';
import { expect } from 'chai';
import type { Claim, Task } from '../../src/chain/index.js';
import type { Descent } from '../../src/pinpoint/index.js';
import { CHEAT_KINDS, checkMayCheat, faultOf, parseCheats } from '../../src/roles/cheat.js';
import { byWorth, objection, priceOf, valuesBytes, type Offer } from '../../src/roles/choose-task.js';
import { dueOf } from '../../src/roles/keeper.js';
import { decide } from '../../src/roles/player.js';
import { codeOf } from '../code-of.js';

const ZERO = `0x${'00'.repeat(32)}`;
const ONE = `0x${'00'.repeat(31)}01`;
const proven = {
  status: 'proven',
  provenBlock: 10,
  seed: ZERO,
  commitEnd: 100,
  windowsEnd: 400,
  games: 0,
} as Claim;

describe('a keeper', () => {
  it('draws in a later block, until attestations end', () => {
    expect(dueOf(proven, 10, 50, 1)).to.equal(undefined);
    expect(dueOf(proven, 11, 50, 1)).to.equal('draw');
    expect(dueOf(proven, 11, 101, 1)).to.equal(undefined);
    expect(dueOf({ ...proven, seed: ONE }, 11, 50, 1)).to.equal(undefined);
  });
  it('settles after all windows and games', () => {
    const drawn = { ...proven, seed: ONE };
    expect(dueOf(drawn, 20, 400, 1)).to.equal(undefined);
    expect(dueOf(drawn, 20, 401, 1)).to.equal('settle');
    expect(dueOf({ ...drawn, games: 1 }, 20, 401, 1)).to.equal(undefined);
    expect(dueOf({ ...drawn, status: 'settled' }, 20, 401, 1)).to.equal(undefined);
  });
  it('stops work after its deadline', () => {
    const working = { status: 'working', deadline: 60 } as Claim;
    expect(dueOf(working, 20, 60, 1)).to.equal(undefined);
    expect(dueOf(working, 20, 61, 1)).to.equal('stop');
  });
});

describe('a player', () => {
  const at = (level: Descent['level'], side: 0 | 1) => ({
    outcome: 'open' as const,
    last: { side, descent: { level } as Descent, opened: [] },
  });
  it('moves when it is its turn, and judges a value whoever came to it', () => {
    expect(decide(at('run', 1), 0)).to.equal('move');
    expect(decide(at('run', 0), 0)).to.equal('wait');
    expect(decide(at('value', 0), 0)).to.equal('judge');
    expect(decide(at('value', 1), 0)).to.equal('judge');
    expect(decide({ ...at('value', 1), outcome: 'defender' }, 0)).to.equal('wait');
    expect(decide({ outcome: 'open', last: undefined }, 0)).to.equal('wait');
  });
});

describe('a solver', () => {
  const offer: Offer = {
    task: { id: 1, workTime: 100, interval: 10 } as Task,
    reward: 10n ** 18n,
    steps: 100,
    workPerStep: 1e7,
    memoryBytes: 2 ** 20,
    secondsPerStep: 0.1,
    secondsPerTrace: 0.2,
    clock: 60,
  };
  it('knows what it is paid for a billion operations', () => {
    expect(priceOf(offer)).to.equal(10n ** 18n);
  });
  it('takes what pays, fits, and can be done and defended in time', () => {
    expect(objection(offer, {})).to.equal(undefined);
    expect(objection(offer, { minPrice: 10n ** 18n, maxMemory: 2 ** 20 })).to.equal(undefined);
    expect(objection(offer, { minPrice: 10n ** 18n + 1n })).to.be.a('string');
    expect(objection(offer, { maxMemory: 2 ** 20 - 1 })).to.be.a('string');
    expect(objection({ ...offer, secondsPerStep: 0.81 }, {})).to.be.a('string');
    expect(objection({ ...offer, secondsPerTrace: 2.1 }, {})).to.be.a('string');
  });
  it('knows what the values of a step take at once', () => {
    const node = (dtype: 'f32' | 'bool', shape: number[]) => ({ type: { dtype, shape } });
    const nodes = [node('f32', [2, 3]), node('f32', []), node('bool', [5])];
    expect(valuesBytes({ nodes: nodes as unknown as Graph['nodes'] })).to.equal(24 + 4 + 5);
  });
  it('prefers what pays better for its time, and spreads over what pays the same', () => {
    const better = { ...offer, task: { ...offer.task, id: 2 }, reward: 2n * offer.reward };
    expect([offer, better].sort(byWorth(`0x${'11'.repeat(20)}`))[0]).to.equal(better);
    const same = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({ ...offer, task: { ...offer.task, id } }));
    const firsts = ['11', '5a', 'c3', 'e9'].map(
      (byte) => [...same].sort(byWorth(`0x${byte.repeat(20)}`))[0]!.task.id,
    );
    expect(new Set(firsts).size).to.be.greaterThan(1);
  });
});

describe('a cheat', () => {
  it('is one of the known kinds, with a place or none', async () => {
    expect(parseCheats('weight, operator:12.5.3,none')).to.deep.equal([
      { kind: 'weight' },
      { kind: 'operator', step: 12, operator: 5, element: 3 },
      undefined,
    ]);
    for (const kind of CHEAT_KINDS) expect(parseCheats(kind)).to.deep.equal([{ kind }]);
    for (const text of ['', 'lie', 'weight:x', 'weight:-1', 'weight:1.2.3.4.5', 'none:1'])
      expect(await codeOf(async () => parseCheats(text)), text).to.equal('N0708');
  });
  it('stays on local chains', async () => {
    expect(await codeOf(async () => checkMayCheat({ chainId: 1 }))).to.equal('N0709');
    checkMayCheat({ chainId: 31337 });
  });
  it('keeps its fault within the claim', () => {
    const run = { from: 40, steps: 20, interval: 10 };
    expect(faultOf({ kind: 'withhold' }, run, 1)).to.equal(undefined);
    expect(faultOf({ kind: 'operator', step: 500 }, run, 1)!.step).to.equal(59);
    for (const kind of CHEAT_KINDS) {
      const fault = faultOf({ kind }, run, 3);
      if (fault) expect(fault.step).to.be.within(40, 59);
    }
  });
});
