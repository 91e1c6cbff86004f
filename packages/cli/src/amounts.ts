/** Amounts and times as the command line writes them. */
import { GensynError } from '@gensyn/ir';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** Seconds of `90s`, `30m`, `12h`, `7d`; a bare number is seconds. Errors: U0109. */
export function parseTime(text: string, option: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?) ?([smhd]?)$/.exec(text.trim());
  const seconds = match ? Math.round(Number(match[1]) * UNITS[match[2] || 's']!) : NaN;
  if (!(seconds <= 10 * 365 * 86400))
    throw new GensynError('U0109', `--${option} ${text} is no time`, { help: 'write 90s, 30m, 12h or 7d' });
  return seconds;
}

/** Wei as a decimal number with at most four digits behind the point. */
export function formatEther(wei: bigint): string {
  const [whole, part] = [wei / 10n ** 18n, (wei % 10n ** 18n) / 10n ** 14n];
  return `${whole.toLocaleString('en-US')}${part === 0n ? '' : `.${String(part).padStart(4, '0').replace(/0+$/, '')}`}`;
}

/** Time from now on, for people: `in 2 min 5 s`, `30 s ago`. */
export function fromNow(seconds: number, now: number, duration: (seconds: number) => string): string {
  return seconds >= now ? `in ${duration(seconds - now)}` : `${duration(now - seconds)} ago`;
}
