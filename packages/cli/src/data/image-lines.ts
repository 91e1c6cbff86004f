/** What `gensyn data images` says of what it wrote. */
import type { ConvertedImages } from '@gensyn/dsl';
import chalk from 'chalk';
import { printable } from '../dispute/printable.js';
import { block } from '../job-summary.js';
import { bytes, count, counted } from '../words.js';

const MOST_SHOWN = 12;

export function imageLines({ files, shape, classes, leftOut, suggestion }: ConvertedImages): string[] {
  const [rows, ...row] = shape;
  const shown = classes
    .slice(0, MOST_SHOWN)
    .map(({ name, images }) => `${printable(name, 40)} ${count(images)}`);
  if (classes.length > MOST_SHOWN) shown.push('…');
  const left = leftOut.slice(0, 5).map((name) => printable(name, 60));
  if (leftOut.length > left.length) left.push('…');
  const size = row.reduce((product, dim) => product * dim, rows);
  return [
    block([
      ['written', printable(files.join(', '))],
      ['images', `${count(rows)} of ${row.join(' x ')} (channels, height, width), ${bytes(size)}`],
      ['classes', `${count(classes.length)}: ${shown.join(', ')}`],
      ...(left.length > 0
        ? [['left out', `${counted(leftOut.length, 'file')}: ${left.join(', ')}`] as const]
        : []),
    ]),
    '',
    ...suggestedLines(suggestion),
  ];
}

export function suggestedLines(suggestion: string): string[] {
  if (suggestion === '') return [];
  return [chalk.dim('  A job could read it like this; change what is not meant:'), '', suggestion.trimEnd()];
}
