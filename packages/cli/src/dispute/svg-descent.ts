/** The descent: each tree as a bar of its entries, from which the one in dispute opens into the next. */
import type { DisputeRecord } from '@gensyn/protocol';
import { count } from '../words.js';
import { descentRows, type DescentRow } from './descent-rows.js';
import { box, heading, INNER, line, MARGIN, px, WIDTH, type Section } from './markup.js';
import { short } from './printable.js';
import { capital } from './svg-parties.js';

const TOP = 44;
const ROW = 92;
const BAR = { y: 14, height: 20 } as const;
/** More entries than these are too narrow to draw each. */
const DRAWN = 128;

const PLURAL: Readonly<Record<DescentRow['level'], string>> = {
  checkpoint: 'checkpoints',
  step: 'steps',
  operator: 'operators',
  'state entry': 'tensors of the state',
  element: 'elements',
  term: 'terms',
};

export function descentSection(record: DisputeRecord): Section {
  const rows = descentRows(record);
  const body = rows.map((row, n) => {
    const y = TOP + n * ROW;
    const next = rows[n + 1];
    const opens = row.state === 'found' && next && next.state !== 'to come';
    return (opens ? zoom(row, y) : '') + bar(row, y);
  });
  return {
    height: TOP + rows.length * ROW - (ROW - BAR.y - BAR.height - 22),
    svg:
      heading('The first difference, level by level', 'everything to the left of the mark is agreed on') +
      body.join(''),
  };
}

/** Where the entries in dispute lie on the bar. */
function span({ from, to, within }: DescentRow): readonly [number, number] {
  const all = Math.max(within, 1);
  const [left, right] = [from, Math.min(to, all)].map((entry) => MARGIN + (INNER * entry) / all);
  const middle = (left! + right!) / 2;
  const half = Math.max(2, (right! - left!) / 2);
  const at = Math.min(Math.max(middle, MARGIN + half), WIDTH - MARGIN - half);
  return [at - half, at + half];
}

function zoom(row: DescentRow, y: number): string {
  const [left, right] = span(row);
  const [from, to] = [y + BAR.y + BAR.height, y + ROW + BAR.y];
  return `<path class="zoom" d="M${px(left)} ${px(from)}H${px(right)}L${WIDTH - MARGIN} ${px(to)}H${MARGIN}Z"/>`;
}

function bar(row: DescentRow, y: number): string {
  const { level, state, of, label, nodes } = row;
  if (state === 'to come')
    return (
      line('soft', MARGIN, y + 6, capital(PLURAL[level])) + box('bar', MARGIN, y + BAR.y, INNER, BAR.height)
    );
  const [left, right] = span(row);
  const title =
    of === undefined ? capital(PLURAL[level]) : `${count(of)} ${of === 1 ? level : PLURAL[level]}`;
  const said =
    state === 'found'
      ? (label ?? `${level} ${row.from + 1}`)
      : `between ${count(row.from + 1)} and ${count(row.to)}`;
  const middle = (left + right) / 2;
  const anchor = middle < WIDTH / 3 ? 'start' : middle > (2 * WIDTH) / 3 ? 'end' : 'middle';
  const at = anchor === 'start' ? left : anchor === 'end' ? right : middle;
  return [
    line('ink strong', MARGIN, y + 6, title),
    ...(nodes
      ? [
          line('defender mono tiny', WIDTH - MARGIN - 116, y + 6, short(nodes[0], 5), { anchor: 'end' }),
          line('soft', WIDTH - MARGIN - 100, y + 6, '≠', { anchor: 'middle' }),
          line('challenger mono tiny', WIDTH - MARGIN, y + 6, short(nodes[1], 5), { anchor: 'end' }),
        ]
      : []),
    box('bar', MARGIN, y + BAR.y, INNER, BAR.height),
    ticks(row, y),
    box(state === 'found' ? 'hit' : 'range', left, y + BAR.y, right - left, BAR.height, 2),
    line('ink', at, y + BAR.y + BAR.height + 17, said, { anchor, most: 90 }),
  ].join('');
}

function ticks({ of }: DescentRow, y: number): string {
  if (of === undefined || of < 2 || of > DRAWN) return '';
  const marks = Array.from(
    { length: of - 1 },
    (_, i) => `M${px(MARGIN + (INNER * (i + 1)) / of)} ${px(y + BAR.y)}v${BAR.height}`,
  );
  return `<path class="tick" d="${marks.join('')}"/>`;
}
