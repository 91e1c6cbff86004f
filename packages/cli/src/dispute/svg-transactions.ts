/** The transactions of a dispute: gas of each, whose it was, and which tree it was about. */
import type { DisputeRecord, DisputeTransaction } from '@gensyn/protocol';
import { count, duration } from '../words.js';
import { heading, INNER, line, MARGIN, px, WIDTH, type Section } from './markup.js';
import { sidesOf } from './story.js';

const CHART = { top: 56, height: 96 } as const;
/** A picture shows no more of a dispute that somebody drew out. */
const MOST = 48;

export function transactionsSection(record: DisputeRecord): Section {
  const all = record.transactions;
  const shown = all.slice(0, MOST);
  const moves = new Map(record.moves.map((move) => [move.transaction, move]));
  const pitch = Math.min(64, INNER / Math.max(1, shown.length));
  const most = Math.max(1, ...shown.map(({ gas }) => gas));
  const base = CHART.top + CHART.height;
  const [defender, challenger] = sidesOf(record);
  const bars = shown.map((transaction, n) => {
    const { gas, action, side } = transaction;
    const x = MARGIN + n * pitch + pitch / 2;
    const height = Math.max(2, (CHART.height * gas) / most);
    const width = Math.min(36, pitch - 4);
    const move = moves.get(transaction.hash);
    return [
      `<rect class="${sideClass(side)}" x="${px(x - width / 2)}" y="${px(base - height)}" width="${px(width)}" height="${px(height)}" rx="2"/>`,
      pitch > 26
        ? line('tiny', x, base - height - 5, `${Math.round(gas / 1000)}k`, { anchor: 'middle' })
        : '',
      pitch > 26
        ? line('tiny', x, base + 15, move && action === 'move' ? String(move.number) : ACTION[action], {
            anchor: 'middle',
          })
        : '',
    ].join('');
  });
  const { gas } = record;
  const others = gas.others > 0 ? `, others ${count(gas.others)}` : '';
  const legend = `${defender} ${count(gas.defender)}, ${challenger} ${count(gas.challenger)}${others}`;
  const seconds = elapsed(all);
  return {
    height: base + 22,
    svg: [
      heading(
        'The transactions',
        `${count(gas.total)} gas${seconds === undefined ? '' : `, ${duration(seconds)}`}`,
      ),
      line(
        'soft',
        MARGIN,
        36,
        `gas: ${legend}${all.length > MOST ? `; the first ${MOST} of ${all.length}` : ''}`,
      ),
      ...bars,
      `<path class="rule" d="M${MARGIN} ${base}H${WIDTH - MARGIN}"/>`,
    ].join(''),
  };
}

const ACTION: Readonly<Record<DisputeTransaction['action'], string>> = {
  commit: 'commit',
  challenge: 'open',
  move: 'move',
  judge: 'judge',
  flag: 'clock',
  resolve: 'settle',
  takeBack: 'back',
};

function sideClass(side: DisputeTransaction['side']): string {
  return side === undefined ? 'burn' : side === 0 ? 'defender' : 'challenger';
}

function elapsed(all: readonly DisputeTransaction[]): number | undefined {
  const [first, last] = [all[0], all.at(-1)];
  return first && last && last !== first ? last.time - first.time : undefined;
}
