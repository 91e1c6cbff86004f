/** Amounts of the market's token as people read them. */

const DECIMALS = 18;

/** @param amount in the smallest unit, as decimal text; at most four digits behind the point, rounded towards zero */
export function tokens(amount: string): string {
  const match = /^(-?)(\d{1,80})$/.exec(amount);
  if (!match) return '?';
  const digits = match[2]!.padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = digits.slice(-DECIMALS).slice(0, 4).replace(/0+$/, '');
  const small = whole === '0' && fraction === '' && BigInt(digits) > 0n;
  return `${match[1]}${small ? '<0.0001' : whole}${fraction === '' ? '' : `.${fraction}`} GEN`;
}

/** For lengths in a picture. */
export function asNumber(amount: string): number {
  const value = Number(amount);
  return Number.isFinite(value) ? value : 0;
}
