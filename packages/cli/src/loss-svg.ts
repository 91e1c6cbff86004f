/** The loss of a run as one SVG file that needs nothing else: every step faint, their running mean bold, the holdout as dots. */
import { condense } from './loss-curve.js';
import { figure } from './words.js';

export interface LossPicture {
  readonly title: string;
  readonly subtitle: string;
  /** Loss of step i + 1. */
  readonly loss: ArrayLike<number>;
  readonly holdout: readonly { readonly step: number; readonly loss: number }[];
}

const [WIDTH, HEIGHT] = [840, 420];
const PLOT = { left: 72, top: 64, right: WIDTH - 24, bottom: HEIGHT - 52 } as const;
/** Points of a line beyond what can be told apart only make the file large. */
const MAX_POINTS = 1200;

/** Round numbers (1, 2 or 5 times a power of ten) between lo and hi, about `count` of them. */
export function ticks(lo: number, hi: number, count: number): number[] {
  const raw = (hi - lo) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((size) => size >= raw)!;
  const list: number[] = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + step * 1e-9; k++)
    list.push(Number((k * step).toPrecision(12)));
  return list;
}

export function lossSvg({ title, subtitle, loss, holdout }: LossPicture): string {
  const steps = Math.max(1, loss.length);
  const raw = condense(loss, MAX_POINTS);
  const mean = condense(loss, Math.max(2, Math.min(120, Math.ceil(steps / 5))));
  const all = [...raw, ...holdout.map((point) => point.loss)];
  let [lo, hi] = [Math.min(...all, 0), Math.max(...all)];
  if (!(hi > lo)) [lo, hi] = [lo - 1, lo + 1];
  const x = (step: number): number => PLOT.left + ((PLOT.right - PLOT.left) * step) / steps;
  const y = (value: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (value - lo)) / (hi - lo);
  const at = (value: number): string => value.toFixed(1);
  const path = (values: readonly number[]): string =>
    values
      .map(
        (value, i) => `${i === 0 ? 'M' : 'L'}${at(x(((i + 0.5) * steps) / values.length))} ${at(y(value))}`,
      )
      .join('');
  const rows = ticks(lo, hi, 5).map(
    (value) =>
      `<path class="grid" d="M${PLOT.left} ${at(y(value))}H${PLOT.right}"/><text class="tick" x="${PLOT.left - 10}" y="${at(y(value) + 4)}" text-anchor="end">${value}</text>`,
  );
  const columns = ticks(0, steps, 6)
    .filter(Number.isInteger)
    .map(
      (step) =>
        `<text class="tick" x="${at(x(step))}" y="${PLOT.bottom + 22}" text-anchor="middle">${step.toLocaleString('en-US')}</text>`,
    );
  const dots = holdout.map(
    (point) =>
      `<circle cx="${at(x(point.step))}" cy="${at(y(point.loss))}" r="3.5"><title>holdout, step ${point.step}: ${figure(point.loss)}</title></circle>`,
  );
  const legend = [
    `<path class="mean" d="M${PLOT.right - 210} 34h22"/><text class="tick" x="${PLOT.right - 182}" y="38">training</text>`,
    ...(holdout.length > 0
      ? [
          `<circle cx="${PLOT.right - 92}" cy="34" r="3.5"/><text class="tick" x="${PLOT.right - 80}" y="38">holdout</text>`,
        ]
      : []),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`${title}: ${subtitle}`)}">
<style>
svg{font:13px system-ui,sans-serif;background:#fff}
.title{font-size:18px;font-weight:600;fill:#1b2430}.tick{fill:#5b6675}.grid{stroke:#e4e8ee}.axis{stroke:#aab3bf}
.raw{fill:none;stroke:#3b82f6;stroke-opacity:.28}.mean{fill:none;stroke:#2563eb;stroke-width:2.2;stroke-linejoin:round}circle{fill:#ea580c}
@media (prefers-color-scheme:dark){svg{background:#12161c}.title{fill:#e8edf4}.tick{fill:#94a0b0}.grid{stroke:#252c36}.axis{stroke:#4b5563}.mean{stroke:#60a5fa}circle{fill:#fb923c}}
</style>
<text class="title" x="${PLOT.left}" y="32">${escape(title)}</text>
<text class="tick" x="${PLOT.left}" y="51">${escape(subtitle)}</text>
${rows.join('')}
${columns.join('')}
<path class="axis" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>
<text class="tick" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">step</text>
<path class="raw" d="${path(raw)}"/>
<path class="mean" d="${path(mean)}"/>
${dots.join('')}
${legend.join('')}
</svg>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
