/** Supply, demand and price on a market as one SVG file that needs nothing else. */
import { ticks } from './loss-svg.js';
import type { MarketSeries } from './market-series.js';

const [WIDTH, HEIGHT] = [840, 520];
const [LEFT, RIGHT] = [72, WIDTH - 24];

/** @param title what market it is */
export function marketSvg(title: string, { from, to, open, taken, price }: MarketSeries): string {
  const steps = panel({
    top: 70,
    bottom: 300,
    label: 'steps',
    lines: [
      ['open', open],
      ['taken', taken],
    ],
  });
  const prices = panel({ top: 350, bottom: 470, label: 'GEN for 1000 steps', lines: [['price', price]] });
  const at = (seconds: number): string =>
    new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">
<style>
svg{font:13px system-ui,sans-serif;background:#fff}
.title{font-size:18px;font-weight:600;fill:#1b2430}.tick{fill:#5b6675}.grid{stroke:#e4e8ee}
path.open,path.taken,path.price{fill:none;stroke-width:2.2;stroke-linejoin:round}
.open{stroke:#ea580c}.taken{stroke:#2563eb}.price{stroke:#16a34a}
@media (prefers-color-scheme:dark){svg{background:#12161c}.title{fill:#e8edf4}.tick{fill:#94a0b0}.grid{stroke:#252c36}}
</style>
<text class="title" x="${LEFT}" y="32">${escape(title)}</text>
<path class="open" d="M${RIGHT - 260} 46h22"/><text class="tick" x="${RIGHT - 232}" y="50">wait for a solver</text>
<path class="taken" d="M${RIGHT - 112} 46h22"/><text class="tick" x="${RIGHT - 84}" y="50">being worked on</text>
${steps}
${prices}
<text class="tick" x="${LEFT}" y="${HEIGHT - 16}">${at(from)}</text>
<text class="tick" x="${RIGHT}" y="${HEIGHT - 16}" text-anchor="end">${at(to)} UTC</text>
</svg>
`;
}

interface Panel {
  readonly top: number;
  readonly bottom: number;
  readonly label: string;
  /** Class of a line, and its values at equal distances. */
  readonly lines: readonly (readonly [string, readonly number[]])[];
}

function panel({ top, bottom, label, lines }: Panel): string {
  const most = Math.max(...lines.flatMap(([, values]) => values), 0);
  const hi = most > 0 ? most : 1;
  const y = (value: number): string => (bottom - ((bottom - top) * value) / hi).toFixed(1);
  const grid = ticks(0, hi, 4).map(
    (value) =>
      `<path class="grid" d="M${LEFT} ${y(value)}H${RIGHT}"/><text class="tick" x="${LEFT - 10}" y="${Number(y(value)) + 4}" text-anchor="end">${value.toLocaleString('en-US')}</text>`,
  );
  const drawn = lines
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => {
      const x = (i: number): string => (LEFT + ((RIGHT - LEFT) * i) / values.length).toFixed(1);
      // Each value holds until the next.
      const path = values.map(
        (value, i) => `${i === 0 ? `M${x(0)} ${y(value)}` : `V${y(value)}`}H${x(i + 1)}`,
      );
      return `<path class="${name}" d="${path.join('')}"/>`;
    });
  return `<text class="tick" x="${LEFT}" y="${top - 10}">${escape(label)}</text>${grid.join('')}\n${drawn.join('\n')}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
