/** A curve in the terminal, drawn with Braille dots: two columns and four rows of them in each character. */
import chalk from 'chalk';
import { figure } from './words.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Bit of each dot of a Braille character, by column and row (Unicode 2800..28FF). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Means of equal stretches of the values, at most `most` of them: the shape survives, the noise does not. */
export function condense(values: ArrayLike<number>, most: number): number[] {
  const n = values.length;
  const parts = Math.min(n, most);
  return Array.from({ length: parts }, (_, i) => {
    const [from, to] = [Math.floor((i * n) / parts), Math.floor(((i + 1) * n) / parts)];
    let sum = 0;
    for (let k = from; k < to; k++) sum += values[k]!;
    return sum / (to - from);
  });
}

/** The loss over the steps, with an axis; empty for fewer than two values. */
export function lossCurve(values: ArrayLike<number>, size: Size): string {
  if (values.length < 2) return '';
  const last = values.length.toLocaleString('en-US');
  return curve(condense(values, 2 * size.columns), size, { from: '1', label: 'step', to: last });
}

/** What stands under a curve, and what its vertical axis must reach at least. */
export interface Axis {
  readonly from: string;
  readonly label: string;
  readonly to: string;
  readonly least?: number;
}

/** @param points at equal distances, at most two a column */
export function curve(points: readonly number[], { columns, rows }: Size, axis: Axis): string {
  const [lo, hi] = [Math.min(...points, axis.least ?? Infinity), Math.max(...points)];
  const height = 4 * rows - 1;
  const y = (value: number): number =>
    hi === lo ? Math.floor(height / 2) : Math.round(((hi - value) / (hi - lo)) * height);
  const x = (i: number): number =>
    points.length === 1 ? 0 : Math.round((i / (points.length - 1)) * (2 * columns - 1));
  const cells = Array.from({ length: rows }, () => new Uint8Array(columns));
  const dot = (px: number, py: number): void => void (cells[py >> 2]![px >> 1]! |= DOTS[px & 1]![py & 3]!);
  points.forEach((value, i) => {
    const [px, py] = [x(i), y(value)];
    dot(px, py);
    if (i === 0) return;
    // A straight line from the point before, dot by dot.
    const [qx, qy] = [x(i - 1), y(points[i - 1]!)];
    const length = Math.max(Math.abs(px - qx), Math.abs(py - qy));
    for (let k = 1; k < length; k++)
      dot(Math.round(qx + ((px - qx) * k) / length), Math.round(qy + ((py - qy) * k) / length));
  });
  const labels = cells.map((_, r) =>
    r === 0 ? figure(hi) : r === rows - 1 ? figure(lo) : r === rows >> 1 ? figure((hi + lo) / 2) : '',
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const lines = cells.map(
    (row, r) =>
      `${chalk.dim(`${labels[r]!.padStart(margin)} ┤`)}${chalk.cyan([...row].map((bits) => String.fromCharCode(0x2800 + bits)).join(''))}`,
  );
  const base = `${' '.repeat(margin)} └${'─'.repeat(columns)}`;
  const middle = axis.label.padStart(Math.floor(columns / 2) + 2 - axis.from.length);
  const under = `${' '.repeat(margin + 2)}${axis.from}${middle}${axis.to.padStart(columns - axis.from.length - middle.length)}`;
  return [...lines, chalk.dim(base), chalk.dim(under)].join('\n');
}
