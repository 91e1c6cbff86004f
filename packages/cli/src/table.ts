/** Columns of text under dim headings. */
import chalk from 'chalk';

/** @param right numbers of the columns that are aligned to the right */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [chalk.dim(line(headings)), ...rows.map(line)].join('\n');
}

/** `0x1234..cdef`. */
export const shortAddress = (address: string): string => `${address.slice(0, 6)}..${address.slice(-4)}`;
