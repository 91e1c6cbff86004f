/** Picks a token by what a model says of each. */

export interface Choice {
  /** 1 takes tokens as likely as the model says; less favours likely ones; 0 takes the likeliest always. */
  readonly temperature: number;
  /** Only this many of the likeliest tokens may be taken; all of them when not given. */
  readonly topK?: number | undefined;
}

/**
 * @param logits one a token, natural logarithms but for a constant
 * @param uniform in [0, 1)
 */
export function drawToken(logits: ArrayLike<number>, { temperature, topK }: Choice, uniform: number): number {
  // Ties go to the smaller token, so that the order is one.
  const order = Array.from(logits, (_, token) => token).sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (temperature === 0) return order[0]!;
  const kept = order.slice(0, topK);
  const most = logits[kept[0]!]!;
  const weights = kept.map((token) => Math.exp((logits[token]! - most) / temperature));
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  // Rounding may leave a little over: then it is the last that can be taken at all.
  const found = weights.findIndex((weight) => (left -= weight) < 0);
  return kept[found >= 0 ? found : weights.findLastIndex((weight) => weight > 0)]!;
}
