/** A dispute as one picture that needs nothing else. */
import type { DisputeRecord } from '@gensyn/protocol';
import { escaped, line, MARGIN, px, WIDTH, type Section } from './markup.js';
import { SVG_STYLE } from './palette.js';
import { facts, headline, story } from './story.js';
import { descentSection } from './svg-descent.js';
import { moneySection } from './svg-money.js';
import { operatorSection } from './svg-operator.js';
import { partiesSection } from './svg-parties.js';
import { transactionsSection } from './svg-transactions.js';
import { valueSection } from './svg-value.js';

const GAP = 34;

export function disputeSvg(record: DisputeRecord): string {
  const sections = [
    partiesSection(record),
    descentSection(record),
    operatorSection(record),
    valueSection(record),
    transactionsSection(record),
    moneySection(record),
  ].filter((section): section is Section => section !== undefined);
  let y = 92;
  const placed = sections.map(({ height, svg }) => {
    const group = `<g transform="translate(0 ${px(y)})">${svg}</g>`;
    y += height + GAP;
    return group;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(y)}" role="img" aria-label="${escaped(headline(record))}">
<desc>${escaped(story(record).join(' '), 2000)}</desc>
<style>
${SVG_STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${Math.ceil(y)}"/>
${line('title', MARGIN, 44, headline(record))}
${line('soft', MARGIN, 68, facts(record), { most: 150 })}
${placed.join('\n')}
</svg>
`;
}
