/** Honest runs verify, every kind of lie is found and named, and missing checkpoints accuse nobody. */
import { expect } from 'chai';
import { GensynError, type CheckpointRecord, type State, type TensorValue } from '@gensyn/ir';
import {
  explanations,
  verifyRun,
  type ClaimedRun,
  type Replayer,
  type VerificationReport,
  type VerifyProgress,
} from '@gensyn/verifier';
import { claim, countingManifest, countingReplayer, trainCounting } from './counting-job.js';

const manifest = countingManifest();
const honest = trainCounting(manifest);
const { records } = honest.run;
const replayer = (): ReturnType<typeof countingReplayer> => countingReplayer(manifest, honest.stored);

const codes = (report: VerificationReport): string[] => report.findings.map(({ code }) => code);

/** The honest records with one of them changed. */
function changed(at: number, change: Partial<CheckpointRecord>): CheckpointRecord[] {
  return records.map((record, i) => (i === at ? { ...record, ...change } : record));
}

/** Adds a grid unit to one weight. */
function nudged(state: State): State {
  const w = state.get('w')!;
  const data = Float32Array.from(w.data as Float32Array, (value, i) => (i === 2 ? value + 2 ** -20 : value));
  return new Map<string, TensorValue>([...state, ['w', { ...w, data }]]);
}

async function refused(code: string, attempt: Promise<unknown>): Promise<void> {
  try {
    await attempt;
  } catch (error) {
    expect(error).to.be.instanceOf(GensynError);
    expect((error as GensynError).code).to.equal(code);
    return;
  }
  throw new Error(`no ${code}`);
}

describe('verifyRun', () => {
  it('verifies an honest run, whole or in part, and says what it cost', async () => {
    const whole = replayer();
    const all = await verifyRun(honest.run, whole, { all: true });
    expect([all.verdict, all.findings.length, all.segments.length, all.of]).to.deep.equal([
      'verified',
      0,
      10,
      10,
    ]);
    expect(whole.replayed.at(-1)).to.deep.equal([45, 47]);
    expect(
      all.segments.every(
        ({ match, computed, claimed }) =>
          match && computed!.stateRoot === claimed.stateRoot && computed!.loss === claimed.loss,
      ),
    ).to.equal(true);
    expect([
      all.cost.replayedSteps,
      all.cost.steps,
      all.cost.stepShare,
      all.cost.claimedMilliseconds,
    ]).to.deep.equal([47, 47, 1, 94]);

    const part = replayer();
    const sampled = await verifyRun(honest.run, part, { seed: 'a' });
    expect([sampled.verdict, sampled.segments.length, sampled.seed]).to.deep.equal(['verified', 3, 'a']);
    expect(sampled.cost.replayedSteps).to.equal(
      part.replayed.reduce((sum, [from, to]) => sum + to - from, 0),
    );
    expect(sampled.cost.timeShare).to.equal(sampled.cost.milliseconds / 94);
  });

  it('takes named segments, counted from 1, each once', async () => {
    const machine = replayer();
    const report = await verifyRun(honest.run, machine, { segments: [10, 1, 10] });
    expect(machine.replayed).to.deep.equal([
      [0, 5],
      [45, 47],
    ]);
    expect(report.segments.map(({ segment }) => segment)).to.deep.equal([1, 10]);
    expect(report.seed).to.equal(undefined);
  });

  it('draws by a fresh seed when none is given, and reports it', async () => {
    const first = await verifyRun(honest.run, replayer(), { sample: 0 });
    expect([first.verdict, first.segments.length]).to.deep.equal(['verified', 1]);
    expect(first.seed).to.match(/^[0-9a-f]{64}$/);
    const again = await verifyRun(honest.run, replayer(), { sample: 0, seed: first.seed! });
    expect(again.segments.map(({ segment }) => segment)).to.deep.equal(
      first.segments.map(({ segment }) => segment),
    );
  });

  it('reports progress to the end', async () => {
    const events: VerifyProgress[] = [];
    await verifyRun(honest.run, replayer(), { segments: [2, 10], progress: (event) => events.push(event) });
    expect(events.filter(({ report }) => report).map(({ done, total }) => [done, total])).to.deep.equal([
      [5, 7],
      [7, 7],
    ]);
    expect(events.filter(({ report }) => !report).map(({ done }) => done)).to.deep.equal([
      1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  describe('finds', () => {
    /** A claim, the checkpoints behind it, and the codes that a replay of everything must give. */
    const lies: readonly [
      string,
      () => { run: ClaimedRun; stored?: ReadonlyMap<number, State> },
      string[],
    ][] = [
      [
        'a state root that was made up',
        () => ({ run: claim(manifest, changed(10, { stateRoot: 'ab'.repeat(32) })) }),
        ['V0201'],
      ],
      [
        'a state nudged by one unit in one weight, trained on from there',
        () => trainCounting(manifest, (step, state) => (step === 23 ? nudged(state) : state)),
        ['V0201'],
      ],
      [
        'steps that were skipped, by a solver who goes on from the old state',
        () =>
          trainCounting(manifest, (step, state, before) =>
            step > 10 && step <= 15 ? new Map([...before, ['step', state.get('step')!]]) : state,
          ),
        ['V0201', 'V0202'],
      ],
      [
        'a loss off by the last bit',
        () => ({
          run: claim(manifest, changed(4, { loss: Math.fround(records[4]!.loss! * (1 + 2 ** -23)) })),
        }),
        ['V0202'],
      ],
      [
        'records in another order',
        () => ({ run: claim(manifest, [records[0]!, records[2]!, records[1]!, ...records.slice(3)]) }),
        ['V0104', 'V0107'],
      ],
      [
        'a record left out',
        () => ({ run: claim(manifest, [...records.slice(0, 3), ...records.slice(4)]) }),
        ['V0104'],
      ],
      [
        'a record too many',
        () => ({ run: claim(manifest, [...records, { ...records[10]!, step: 50, cursor: 200 }]) }),
        ['V0104'],
      ],
      ['no last record', () => ({ run: claim(manifest, records.slice(0, -1)) }), ['V0105']],
      ['no record of the start', () => ({ run: claim(manifest, records.slice(1)) }), ['V0104']],
      ['a wrong cursor', () => ({ run: claim(manifest, changed(6, { cursor: 121 })) }), ['V0106']],
      ['a loss before training', () => ({ run: claim(manifest, changed(0, { loss: 1 })) }), ['V0107']],
      [
        'a loss that is missing',
        () => ({
          run: claim(
            manifest,
            records.map(({ loss, ...rest }, i) => (i === 3 || loss === undefined ? rest : { ...rest, loss })),
          ),
        }),
        ['V0107'],
      ],
      ['times that run backwards', () => ({ run: claim(manifest, changed(5, { time: 3 })) }), ['V0107']],
      [
        'a proof root of other records',
        () => ({ run: { ...honest.run, records: changed(4, { time: 41 }) } }),
        ['V0103'],
      ],
      [
        'a start from other weights',
        () => ({ run: claim(manifest, changed(0, { stateRoot: 'cd'.repeat(32) })) }),
        ['V0109'],
      ],
      [
        'a job that commits to another initial state',
        () => ({ run: claim({ ...manifest, initRoot: 'ee'.repeat(32) }, records) }),
        ['V0108'],
      ],
      ['a proof of another job', () => ({ run: { ...honest.run, job: 'ff'.repeat(32) } }), ['V0101']],
      [
        'a record with a root that is none',
        () => ({ run: { ...honest.run, records: changed(2, { stateRoot: 'AB'.repeat(32) }) } }),
        ['V0102'],
      ],
      [
        'a record that is no record',
        () => ({
          run: { ...honest.run, records: [...records.slice(0, 10), null as unknown as CheckpointRecord] },
        }),
        ['V0102'],
      ],
      ['an empty proof', () => ({ run: claim(manifest, []) }), ['V0102']],
    ];
    for (const [name, lie, expected] of lies) {
      it(name, async () => {
        const { run, stored = honest.stored } = lie();
        const machine = countingReplayer(manifest, stored);
        const report = await verifyRun(run, machine, { all: true });
        expect(codes(report)).to.deep.equal(expected);
        expect(report.verdict).to.equal('mismatch');
        // A proof of wrong form costs the verifier nothing.
        if (expected[0]!.startsWith('V01')) expect(machine.replayed).to.deep.equal([]);
      });
    }

    it('exactly the segment and what was expected there', async () => {
      const lie = trainCounting(manifest, (step, state) => (step === 23 ? nudged(state) : state));
      const report = await verifyRun(lie.run, countingReplayer(manifest, lie.stored), { all: true });
      expect(report.segments.filter(({ match }) => !match).map(({ segment }) => segment)).to.deep.equal([5]);
      // One unit in one weight of one step: the honest run's own root is what was expected.
      expect(report.findings[0]).to.include({
        step: 25,
        claimed: lie.run.records[5]!.stateRoot,
        expected: records[5]!.stateRoot,
      });
      const elsewhere = await verifyRun(lie.run, countingReplayer(manifest, lie.stored), {
        segments: [4, 6],
      });
      expect(elsewhere.verdict).to.equal('verified');
    });
  });

  it('accuses nobody when a checkpoint is missing or changed', async () => {
    const stored = new Map(honest.stored);
    stored.delete(20);
    stored.set(30, nudged(stored.get(30)!));
    const report = await verifyRun(honest.run, countingReplayer(manifest, stored), { all: true });
    expect(report.verdict).to.equal('unavailable');
    expect(report.findings.map(({ code, step }) => [code, step])).to.deep.equal([
      ['V0203', 20],
      ['V0203', 30],
    ]);
    expect(report.cost.replayedSteps).to.equal(37);
    const both = await verifyRun(
      claim(manifest, changed(4, { loss: 9 })),
      countingReplayer(manifest, stored),
      { all: true },
    );
    expect(both.verdict).to.equal('mismatch');
  });

  it('takes a state outside the job for a wrong claim, and a failing machine for neither', async () => {
    const failing = (code: string): Replayer => ({
      ...replayer(),
      replay: () => Promise.reject(new GensynError(code, 'no')),
    });
    for (const code of ['R0401', 'R0402', 'R0403']) {
      const report = await verifyRun(honest.run, failing(code), { segments: [1] });
      expect([report.verdict, ...codes(report)]).to.deep.equal(['mismatch', 'V0204']);
    }
    await refused('R0502', verifyRun(honest.run, failing('R0502'), { segments: [1] }));
  });

  it('verifies a run that was stopped only when asked to', async () => {
    const stopped = claim(manifest, records.slice(0, 4));
    expect(codes(await verifyRun(stopped, replayer(), { all: true }))).to.deep.equal(['V0105']);
    expect((await verifyRun(stopped, replayer(), { all: true, partial: true })).verdict).to.equal('verified');
  });

  it('refuses to verify what there is not', async () => {
    await refused('V0301', verifyRun(honest.run, replayer(), { sample: 1.5 }));
    await refused('V0301', verifyRun(honest.run, replayer(), { sample: NaN }));
    await refused('V0302', verifyRun(honest.run, replayer(), { segments: [11] }));
    await refused('V0302', verifyRun(honest.run, replayer(), { segments: [0] }));
    await refused('V0302', verifyRun(honest.run, replayer(), { segments: [] }));
    await refused('V0303', verifyRun(honest.run, replayer(), { all: true, sample: 0.1 }));
    await refused('V0303', verifyRun(honest.run, replayer(), { all: true, seed: 'a' }));
  });

  it('explains every code once', () => {
    const known = explanations.map(({ code }) => code);
    expect(new Set(known).size).to.equal(known.length);
    expect(known).to.include.members([
      'V0101',
      'V0102',
      'V0103',
      'V0104',
      'V0105',
      'V0106',
      'V0107',
      'V0108',
      'V0109',
      'V0201',
      'V0202',
      'V0203',
      'V0204',
      'V0301',
      'V0302',
      'V0303',
    ]);
  });
});
