/** What number and string tokens stand for. */
import type { Unit } from './ast.js';

const NUMBER = /^((?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(.*)$/s;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** The value of a number token (percentages as fractions, times in seconds), or what is wrong with it. */
export function readNumber(image: string): { value: number; unit: Unit } | { problem: string } {
  const [, digits = '', suffix = ''] = NUMBER.exec(image) ?? [];
  const value = Number(digits.replaceAll('_', ''));
  if (!Number.isFinite(value)) return { problem: `the number ${shorten(image)} is too large` };
  if (suffix === '') return { value, unit: '' };
  // Dividing by 100 rounds once, so that 10% is the same number as 0.1.
  if (suffix === '%') return { value: value / 100, unit: '%' };
  const seconds = SECONDS[suffix];
  if (!Object.hasOwn(SECONDS, suffix) || seconds === undefined) {
    return { problem: `'${shorten(suffix)}' is not a unit; known are %, s, m, h and d` };
  }
  return { value: value * seconds, unit: suffix as Unit };
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t' };

/** The text of a string token with its quotes, and the first escape that is not known (offset in the image). */
export function readString(image: string): { value: string; badEscape: number | undefined } {
  let badEscape: number | undefined;
  const value = image.slice(1, -1).replace(/\\(.)/gs, (whole: string, letter: string, at: number) => {
    if (Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter]!;
    badEscape ??= at + 1;
    return whole;
  });
  return { value, badEscape };
}

/** The token that reads back as this text. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}
