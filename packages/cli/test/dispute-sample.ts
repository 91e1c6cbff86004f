/** A dispute as its record tells it, in the shape of a real one: a term of a long sum in the digits job. */
import type { DisputeMove, DisputePlace, DisputeRecord, DisputeTransaction } from '@gensyn/protocol';

const SOLVER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const WATCH = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const BEGUN = 1_790_000_000;

/** Stands for a digest: the same for the same number. */
function digest(n: number): string {
  let [text, x] = ['', n >>> 0];
  while (text.length < 64) {
    x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    text += x.toString(16).padStart(8, '0');
  }
  return `0x${text.slice(0, 64)}`;
}

const bits = (value: number): string =>
  `0x${new Uint32Array(Float32Array.of(value).buffer)[0]!.toString(16).padStart(64, '0')}`;

const place = (level: DisputePlace['level'], index: number, of: number, label: string): DisputePlace => ({
  level,
  index,
  of,
  label,
  nodes: [digest(index + of), digest(index + of + 1)],
});

const PATH: readonly DisputePlace[] = [
  place('run', 10, 16, 'checkpoint 11 of 16'),
  place('segment', 36, 40, 'step 437'),
  place('step', 311, 529, 'Dot in job.gml:8:11'),
  place('tensor', 48, 1024, 'element [3, 7]'),
  place('element', 0, 1, 'its partial results'),
  place('terms', 3, 16, 'term 30'),
];

/** Tree, binary levels left, node in its row, branch: as a descent of four levels a move goes. */
const STOPS: readonly (readonly [DisputeMove['level'], number, number, number | undefined])[] = [
  ['run', 4, 0, undefined],
  ['run', 0, 10, 10],
  ['segment', 6, 0, undefined],
  ['segment', 2, 9, 9],
  ['segment', 0, 36, 0],
  ['step', 10, 0, undefined],
  ['step', 6, 4, 4],
  ['step', 2, 77, 13],
  ['step', 0, 311, 3],
  ['tensor', 10, 0, undefined],
  ['tensor', 6, 0, 0],
  ['tensor', 2, 12, 12],
  ['tensor', 0, 48, 0],
  ['terms', 4, 0, undefined],
  ['terms', 0, 3, 3],
  ['value', 0, 0, undefined],
];

const MOVES: readonly DisputeMove[] = STOPS.map(([level, depth, index, branch], number) => ({
  ...{ number, block: 120 + number, time: BEGUN + 2 * number, transaction: digest(500 + number) },
  ...{ side: number % 2 === 0 ? 1 : 0, gas: number === 0 ? 309_112 : 66_000 + ((number * 7919) % 33_000) },
  ...{ level, depth, index, branch, nodes: [digest(900 + number), digest(950 + number)], seconds: 2 },
}));

const TRANSACTIONS: readonly DisputeTransaction[] = [
  { action: 'commit', hash: digest(1), block: 118, time: BEGUN - 4, sender: WATCH, side: 1, gas: 81_440 },
  ...MOVES.map(({ number, transaction, block, time, side, gas }): DisputeTransaction => ({
    ...{ action: number === 0 ? 'challenge' : 'move', hash: transaction, block, time, side, gas },
    sender: side === 0 ? SOLVER : WATCH,
  })),
  { action: 'judge', hash: digest(2), block: 140, time: BEGUN + 34, sender: WATCH, side: 1, gas: 312_907 },
  { action: 'resolve', hash: digest(3), block: 141, time: BEGUN + 36, sender: WATCH, side: 1, gas: 118_020 },
];

const sumOf = (side: 0 | 1): number =>
  TRANSACTIONS.filter((each) => each.side === side).reduce((sum, { gas }) => sum + gas, 0);

export const SETTLED: DisputeRecord = {
  format: 'gensyn-dispute/1',
  ...{ chainId: 31337, market: '0x5FbDB2315678afecb367f032d93F642f64180aa3' },
  ...{ task: 2, claim: 2, challenge: 1, game: 1, seat: 0, defender: SOLVER, challenger: WATCH },
  roots: [digest(10), digest(11)],
  started: BEGUN,
  ended: BEGUN + 34,
  run: { from: 0, steps: 640, interval: 40 },
  moves: MOVES,
  path: PATH,
  turn: undefined,
  disputed: {
    step: 437,
    operator: {
      ...{ node: 311, name: 'n311', op: 'Dot', type: 'f32[64, 128]' },
      span: { file: 'job.gml', offset: 190, length: 14, line: 8, column: 16 },
      source: '  let h = relu(linear(x, 128))',
    },
    element: { index: 391, of: 8192, indices: [3, 7] },
    term: { index: 30, of: 128 },
  },
  verdict: {
    ...{ outcome: 'challenger', by: 'referee' },
    right: { bits: bits(-1204), value: -1204 },
    values: [
      { bits: bits(-1203), value: -1203 },
      { bits: bits(-1204), value: -1204 },
    ],
    operands: [
      { node: 201, name: 'n201', op: 'Sub', element: 222, value: -37 },
      { node: 255, name: 'n255', op: 'Transpose', element: 3847, value: 12 },
    ],
  },
  transactions: TRANSACTIONS,
  gas: { defender: sumOf(0), challenger: sumOf(1), others: 0, total: sumOf(0) + sumOf(1) },
  money: {
    bond: `5${'0'.repeat(19)}`,
    stake: `1${'0'.repeat(20)}`,
    slashed: [
      {
        ...{ amount: `1${'0'.repeat(20)}`, winner: WATCH, won: `315${'0'.repeat(17)}` },
        ...{ burned: `40${'0'.repeat(18)}`, jackpot: `285${'0'.repeat(17)}` },
      },
    ],
    bondReturned: true,
  },
};

/** The same dispute after this many of its moves. */
export function after(moves: number): DisputeRecord {
  const made = MOVES.slice(0, moves + 1);
  const last = made.at(-1)!;
  const reached = PATH.filter(({ level }) => {
    const at = STOPS.findIndex(([other, depth]) => other === level && depth === 0);
    return at >= 0 && at < moves;
  });
  const has = (level: DisputePlace['level']): boolean => reached.some((each) => each.level === level);
  return {
    ...SETTLED,
    ended: undefined,
    moves: made,
    path: reached,
    turn: { side: last.side === 0 ? 1 : 0, left: 580 },
    disputed: {
      step: has('segment') ? 437 : undefined,
      operator: has('step') ? SETTLED.disputed.operator : undefined,
      element: has('tensor') ? SETTLED.disputed.element : undefined,
      term: has('terms') ? SETTLED.disputed.term : undefined,
    },
    verdict: undefined,
    transactions: TRANSACTIONS.slice(0, moves + 2),
    money: { ...SETTLED.money, slashed: [], bondReturned: undefined },
  };
}
