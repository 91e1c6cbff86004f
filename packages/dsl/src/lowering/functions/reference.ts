/** The functions in binary64, to compare with: erf and its complement, which JavaScript lacks, and what is made of them. */

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** erf x by its series of positive terms, or from the complement; relative error about 1e-15. */
export function erfReference(x: number): number {
  const a = Math.abs(x);
  if (a >= 2.5) return Math.sign(x) * (1 - erfcReference(a));
  let term = a;
  let sum = a;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= (2 * a * a) / (2 * k + 1);
    sum += term;
  }
  return Math.sign(x) * sum * Math.exp(-a * a) * TWO_OVER_ROOT_PI;
}

/** 1 - erf x, for large x by its continued fraction (Abramowitz and Stegun 7.1.14). */
export function erfcReference(x: number): number {
  if (x < 2.5) return 1 - erfReference(x);
  let tail = 0;
  for (let k = 120; k >= 1; k--) tail = k / 2 / (x + tail);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail);
}

export const normalDistribution = (x: number): number => erfcReference(-x / Math.SQRT2) / 2;
export const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplusReference = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
