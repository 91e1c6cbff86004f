/** What `shards 4 sync every 20` means, what it may be beside, and the merge that it leads to. */
import { expect } from 'chai';
import { initialTensor, verifyCanonical, evaluate, shardEntry, type TensorValue } from '@gensyn/ir';
import { format } from '../../src/format/format.js';
import { mergeEvaluation, mergeStep } from '../../src/lowering/merge.js';
import { trainingStep } from '../../src/lowering/step.js';
import { stateOf } from '../../src/compile/manifest-of.js';
import { check } from '../../src/semantics/check.js';
import type { PreparedDataset } from '../../src/data/prepared.js';

const job = (line: string, settings = '', steps = 60, checks = ''): string => `
data d from "d.csv" {
  x: f32[3] = columns 0..2
  y: f32[2] = columns 3..4
}
model m(x: f32[n, 3]) -> f32[n, 2] { linear(x, 2) }
train {
  model = m(d.x)
  loss = mse(model, d.y)
  optimizer = adamw(lr = linear(0.1, warmup = 2))
  batch = 4
  steps = ${steps}
  ${settings}
}
${line}
${checks}
`;

const run = (text: string) => check({ path: 'job.gml', text }, () => undefined);
const codes = (text: string): string[] =>
  run(text).diagnostics.map(({ code, span }) => `${code} ${span?.line}`);

const column = {
  storage: 'f32',
  bytes: 0,
  dims: [],
  start: 0,
  root: '',
  flushed: 0,
  divisor: 1,
  offset: 0,
} as const;
const datasets: readonly PreparedDataset[] = [
  {
    ...{ name: 'd', rows: 40, root: '' },
    columns: [
      {
        ...column,
        name: 'x',
        type: 'f32',
        shape: [3],
        file: 'x',
        stride: 3,
        min: -4,
        max: 4,
        tiny: 2 ** -8,
        quantum: 2 ** -8,
      },
      {
        ...column,
        name: 'y',
        type: 'f32',
        shape: [2],
        file: 'y',
        stride: 2,
        min: -4,
        max: 4,
        tiny: 2 ** -8,
        quantum: 2 ** -8,
      },
    ],
  },
];

describe('shards', () => {
  it('are read, with and without the word steps, from constants too', () => {
    for (const line of [
      'shards 4 sync every 20',
      'shards 2 * 2 sync every 20 steps',
      'shards s sync every s * 5',
    ])
      expect(run(`let s = 4\n${job(line)}`).program!.shards).to.deep.equal({ count: 4, sync: 20 });
    expect(run(job('')).program!.shards).to.equal(undefined);
  });

  it('leave their words free as names', () => {
    expect(codes(`let shards = 2\nlet sync = 10\n${job('shards shards sync every sync')}`)).to.deep.equal([]);
  });

  it('have one layout', () => {
    const text = 'shards   4   sync every  20   steps // often\n';
    expect(format(text)).to.equal('shards 4 sync every 20 steps // often\n');
  });

  it('say where they stand, and how long a segment may be, when that is not as it is written', () => {
    const [inside] = run(job('', 'shards 2 sync every 20')).diagnostics;
    expect(inside).to.include({ code: 'L0110' });
    expect(inside!.help).to.include("beside 'train'");
    const [long] = run(
      job('shards 2 sync every 20', '', 60, 'verify { checkpoint every 21 steps }'),
    ).diagnostics;
    expect(long!.message).to.include("from 1 to 20 (with shards at most 'sync every'), found");
    expect(long!.help).to.include('write 20');
    const [plain] = run(job('', '', 60, 'verify { checkpoint every 61 steps }')).diagnostics;
    expect(plain).to.include({ code: 'L0504', help: undefined });
  });

  it('make checkpoints part of a round', () => {
    expect(run(job('shards 2 sync every 20')).program!.checkpointEvery).to.equal(20);
    const { program } = run(job('shards 2 sync every 20', '', 60, 'verify { checkpoint every 7 steps }'));
    expect(program!.checkpointEvery).to.equal(7);
    expect(
      codes(job('shards 2 sync every 20', '', 60, 'verify { checkpoint every 21 steps }')),
    ).to.deep.equal(['L0504 16']);
  });

  const WRONG: readonly [string, string, string[]][] = [
    ['no replica but one', job('shards 1 sync every 20'), ['L0504 15']],
    ['too many', job('shards 65 sync every 20'), ['L0504 15']],
    ['half of one', job('shards 2.5 sync every 20'), ['L0504 15']],
    ['more steps than there are', job('shards 2 sync every 61'), ['L0504 15']],
    ['a round that does not end', job('shards 2 sync every 25'), ['L0512 15']],
    ['a merge inside an update', job('shards 2 sync every 20', 'accumulate = 3'), ['L0512 15']],
    ['two lines', job('shards 2 sync every 20\nshards 3 sync every 20'), ['L0502 16']],
    ['a name that is none', job('shards k sync every 20'), ['L0201 15']],
    ['no end', job('shards 2 sync 20'), ['L0110 15']],
  ];
  for (const [what, text, expected] of WRONG)
    it(`are refused: ${what}`, () => expect(codes(text)).to.deep.equal(expected));

  describe('merge', () => {
    const { program } = run(job('shards 3 sync every 20', 'average = 0.9'));
    const step = trainingStep(program!, datasets);
    const merge = mergeStep(step, 3);

    it('by a canonical graph, over every tensor of the state', () => {
      expect(verifyCanonical(merge)).to.deep.equal([]);
      expect(verifyCanonical(mergeEvaluation())).to.deep.equal([]);
      const [clock, ...tensors] = stateOf(step).map(({ name }) => name);
      expect(stateOf(merge).map(({ name }) => name)).to.deep.equal([
        clock,
        ...[0, 1, 2].flatMap((shard) => tensors.map((name) => shardEntry(shard, name))),
      ]);
    });

    it('to the same means for all, and count as one step', () => {
      const state = new Map<string, TensorValue>(
        stateOf(merge).map((entry) => [entry.name, initialTensor(entry, 1)]),
      );
      const [name, size] = ['m.linear1.weight', 6];
      const values = [0, 1, 2].map((shard) =>
        Float32Array.from({ length: size }, (_, i) => (shard - 0.7) * (i + 1)),
      );
      values.forEach((data, shard) =>
        state.set(shardEntry(shard, name), { ...state.get(shardEntry(shard, name))!, data }),
      );
      state.set('step', { dtype: 'i32', shape: [], data: Int32Array.of(20) });
      const outputs = evaluate(merge, Object.fromEntries(state));
      const value = (of: string): ArrayLike<number> =>
        outputs[merge.outputs.find((output) => output.name === of && output.role === 'state')!.node]!.data;
      expect(value('step')[0]).to.equal(21);
      const third = Math.fround(1 / 3);
      for (let i = 0; i < size; i++) {
        const sum = Math.fround(Math.fround(values[0]![i]! + values[1]![i]!) + values[2]![i]!);
        for (const shard of [0, 1, 2])
          expect(value(shardEntry(shard, name))[i]).to.equal(Math.fround(sum * third));
      }
    });

    it('without the schedule noticing', () => {
      // Of 63 counted steps 3 are merges; the table of rates has 60 entries, and the clock's repeats one before each merge.
      const tables = step.nodes.flatMap(({ op, data, type }) =>
        op === 'Constant' && type.shape.length === 1 && (data!.length === 60 || data!.length === 63)
          ? [data!]
          : [],
      );
      const clock = tables.find((data) => data instanceof Int32Array)!;
      expect([...clock.subarray(0, 3), ...clock.subarray(18, 23), ...clock.subarray(60)]).to.deep.equal([
        ...[0, 1, 2],
        ...[18, 19, 19, 20, 21],
        ...[58, 59, 59],
      ]);
      expect(tables.some((data) => data instanceof Float32Array && data.length === 60)).to.equal(true);
    });
  });
});
