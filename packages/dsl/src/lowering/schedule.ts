/** Learning-rate schedules as tables, computed in float64 by arithmetic that is the same on every machine. */
import type { RecordValue } from '../library/function.js';

/** Rates are multiples of this, so that a weight update lies on a known grid. */
export const RATE_GRID = 2 ** -36;

/**
 * cos(pi * t) for 0 <= t <= 1 by its Taylor series around the nearest quarter: + and * only, since Math.cos may differ
 * between engines. Error below 1e-15.
 */
export function cosPi(t: number): number {
  if (t > 0.5) return -cosPi(1 - t);
  const x = Math.PI * t;
  const y = x * x;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 12; n++) {
    term *= -y / ((2 * n - 1) * (2 * n));
    sum += term;
  }
  return sum;
}

/** base^n by repeated squaring, for integer n >= 0. */
export function power(base: number, n: number): number {
  let result = 1;
  for (let square = base; n > 0; n = Math.floor(n / 2), square *= square) if (n % 2 === 1) result *= square;
  return result;
}

function field(schedule: RecordValue, name: string): number {
  return schedule.fields[name] as number;
}

/** Learning rate of step 0..steps-1, before rounding to the grid. */
export function ratesOf(schedule: RecordValue | number, steps: number): Float64Array {
  const rates = new Float64Array(steps);
  if (typeof schedule === 'number') return rates.fill(schedule);
  const peak = field(schedule, 'peak');
  const warmup = Math.min(field(schedule, 'warmup'), steps);
  const rest = Math.max(steps - warmup - 1, 1);
  for (let step = 0; step < steps; step++) {
    if (step < warmup) {
      rates[step] = (peak * (step + 1)) / warmup;
      continue;
    }
    const t = (step - warmup) / rest;
    switch (schedule.name) {
      case 'step':
        rates[step] =
          peak * power(field(schedule, 'factor'), Math.floor((step - warmup) / field(schedule, 'every')));
        break;
      case 'linear':
        rates[step] = peak + (field(schedule, 'floor') - peak) * t;
        break;
      case 'cosine':
        rates[step] = field(schedule, 'floor') + (peak - field(schedule, 'floor')) * 0.5 * (1 + cosPi(t));
        break;
      default:
        rates[step] = peak;
    }
  }
  return rates;
}

/** Nearest multiple of the grid, as the f32 table that enters the graph. */
export function onRateGrid(rates: Float64Array): Float32Array {
  return Float32Array.from(rates, (rate) => Math.round(Math.fround(rate) / RATE_GRID) * RATE_GRID);
}
