/** The levels of a descent as rows: what was found on each, what is still being narrowed down, what is to come. */
import type { DisputeMove, DisputePlace, DisputeRecord } from '@gensyn/protocol';

export type RowLevel = 'checkpoint' | 'step' | 'operator' | 'state entry' | 'element' | 'term';

export interface DescentRow {
  readonly level: RowLevel;
  readonly state: 'found' | 'narrowing' | 'to come';
  /** Entries of the tree in dispute, first and behind the last, counted from 0; one once it is found. */
  readonly from: number;
  readonly to: number;
  /** How many entries there are; undefined until somebody has got to one. */
  readonly of: number | undefined;
  /** The same, or the power of two above it, as far as it can be told. */
  readonly within: number;
  /** For people, once found. */
  readonly label: string | undefined;
  /** Of the defender and of the challenger. */
  readonly nodes: readonly [string, string] | undefined;
}

const ROW: Readonly<Partial<Record<DisputeMove['level'], RowLevel>>> = {
  run: 'checkpoint',
  segment: 'step',
  step: 'operator',
  state: 'state entry',
  tensor: 'element',
  terms: 'term',
};

/** What the game goes through before anything is known of it; a term only where the sum is long, a state entry instead of an element. */
const ALWAYS: readonly RowLevel[] = ['checkpoint', 'step', 'operator', 'element'];

export function descentRows(record: DisputeRecord): DescentRow[] {
  const rows = record.path.flatMap((place) => found(record, place));
  const last = record.moves.at(-1);
  const level = last && ROW[last.level];
  if (last && level && !rows.some((row) => row.level === level)) rows.push(narrowing(record, last, level));
  if (record.verdict) return rows;
  const at = ALWAYS.indexOf(rows.at(-1)?.level ?? 'checkpoint');
  const later = last?.level === 'value' || at < 0 ? [] : ALWAYS.slice(rows.length === 0 ? 0 : at + 1);
  return [
    ...rows,
    ...later
      .filter((name) => record.seat === 0 || name !== 'checkpoint')
      .map((name): DescentRow => ({
        ...{ level: name, state: 'to come', from: 0, to: 0 },
        ...{ of: undefined, within: 1, label: undefined, nodes: undefined },
      })),
  ];
}

function found({ disputed }: DisputeRecord, place: DisputePlace): DescentRow[] {
  const level = ROW[place.level];
  // An attestation and an element over its partial results are trees of one leaf: nothing was searched there.
  if (!level) return [];
  const exact =
    place.level === 'tensor' ? disputed.element : place.level === 'terms' ? disputed.term : undefined;
  const { index, of } = exact ?? place;
  return [
    {
      level,
      state: 'found',
      from: index,
      to: index + 1,
      of,
      within: of,
      label: place.label,
      nodes: place.nodes,
    },
  ];
}

function narrowing({ moves }: DisputeRecord, move: DisputeMove, level: RowLevel): DescentRow {
  const width = 2 ** move.depth;
  const deepest = Math.max(...moves.filter((each) => each.level === move.level).map(({ depth }) => depth));
  return {
    level,
    state: 'narrowing',
    from: move.index * width,
    to: (move.index + 1) * width,
    of: undefined,
    within: Math.max(2 ** deepest, (move.index + 1) * width),
    label: undefined,
    nodes: move.nodes,
  };
}
