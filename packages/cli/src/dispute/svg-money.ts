/** The money that a dispute moved: what was slashed and where it went. */
import type { DisputeRecord } from '@gensyn/protocol';
import { box, heading, INNER, line, MARGIN, type Section } from './markup.js';
import { account } from './printable.js';
import { asNumber, tokens } from './tokens.js';

const ROW = 76;

export function moneySection(record: DisputeRecord): Section | undefined {
  const { slashed, stake, bond, bondReturned } = record.money;
  if (slashed.length === 0) return undefined;
  const returned =
    bondReturned === undefined
      ? ''
      : bondReturned
        ? `, bond of ${tokens(bond)} returned`
        : `, bond of ${tokens(bond)} lost`;
  const rows = slashed.map((each, n) => {
    const y = 34 + n * ROW;
    const parts = [
      {
        className: each.winner === record.defender ? 'defender' : 'challenger',
        amount: asNumber(each.won),
        words: each.winner ? `to ${account(each.winner, 4)}` : 'for those who are right',
        shown: each.won,
      },
      { className: 'truth', amount: asNumber(each.jackpot), words: 'to the jackpot', shown: each.jackpot },
      { className: 'burn', amount: asNumber(each.burned), words: 'burned', shown: each.burned },
    ].filter(({ amount }) => amount > 0);
    const all = parts.reduce((sum, { amount }) => sum + amount, 0) || 1;
    let x = MARGIN;
    const drawn = parts.map(({ className, amount, words, shown }) => {
      const width = (INNER * amount) / all;
      const svg =
        box(className, x, y, Math.max(1, width - 3), 22, 3) +
        line('ink strong', x, y + 40, tokens(shown)) +
        line('soft', x, y + 57, words);
      x += width;
      return svg;
    });
    return drawn.join('');
  });
  return {
    height: 34 + slashed.length * ROW - 12,
    svg: heading('The money', `stake ${tokens(stake)}${returned}`) + rows.join(''),
  };
}
