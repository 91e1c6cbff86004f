/** The two sides of a dispute, who they are, what they committed to, and which of them was right. */
import type { DisputeRecord } from '@gensyn/protocol';
import { box, line, MARGIN, WIDTH, type Section } from './markup.js';
import { account, short } from './printable.js';
import { sidesOf } from './story.js';

const GAP = 20;
const CARD = { width: (WIDTH - 2 * MARGIN - GAP) / 2, height: 84 } as const;

export function partiesSection(record: DisputeRecord): Section {
  const names = sidesOf(record);
  const addresses = [record.defender, record.challenger];
  const cards = ([0, 1] as const).map((side) => {
    const x = MARGIN + side * (CARD.width + GAP);
    const [word, mark] = verdictOf(record, side);
    const edge = `<path class="edge ${side === 0 ? 'side-d' : 'side-c'}" d="M${x + 2} 8v${CARD.height - 16}"/>`;
    return [
      box('panel', x, 0, CARD.width, CARD.height, 8),
      edge,
      line(`${side === 0 ? 'defender' : 'challenger'} strong`, x + 20, 26, capital(names[side]!)),
      line(`${mark} strong`, x + CARD.width - 18, 26, word, { anchor: 'end' }),
      line('ink mono', x + 20, 49, account(addresses[side]!, 12)),
      line('soft', x + 20, 71, 'committed to'),
      line('soft mono', x + 112, 71, short(record.roots[side]!, 12)),
    ].join('');
  });
  return { height: CARD.height, svg: cards.join('') };
}

export function verdictOf({ verdict, turn }: DisputeRecord, side: 0 | 1): readonly [string, string] {
  if (!verdict) return turn?.side === side ? ['its turn', 'ink'] : ['', 'soft'];
  const right = verdict.outcome === (side === 0 ? 'defender' : 'challenger');
  return right ? ['✔ right', 'truth'] : ['✘ wrong', 'wrong'];
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
