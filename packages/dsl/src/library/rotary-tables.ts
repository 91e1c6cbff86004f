/** Cosines and sines of rotary positions, by + and * alone: Math.cos and Math.pow may differ between engines. */
import { referenceExp } from '../lowering/functions/exp.js';
import { cosPi } from '../lowering/schedule.js';

/** ln x by Newton's method on e^y. */
function ln(x: number): number {
  let y = 0;
  for (let i = 0; i < 100; i++) {
    const next = y + 2 * ((x - referenceExp(y)) / (x + referenceExp(y)));
    if (Math.abs(next - y) < 1e-15 * Math.max(1, Math.abs(y))) return next;
    y = next;
  }
  return y;
}

/** cos of any angle of at least 0. */
function cosine(angle: number): number {
  const turns = angle / Math.PI;
  const rest = turns - 2 * Math.floor(turns / 2);
  return rest > 1 ? cosPi(2 - rest) : cosPi(rest);
}

export interface RotaryTables {
  /** [places, planes], row-major. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Angles p base^(-i / planes) of place p and plane i. */
export function rotaryTables(places: number, planes: number, base: number): RotaryTables {
  const rate = ln(base);
  const speeds = Array.from({ length: planes }, (_, i) => referenceExp((-rate * i) / planes));
  const table = (shift: number): Float32Array =>
    Float32Array.from({ length: places * planes }, (_, at) =>
      cosine(Math.floor(at / planes) * speeds[at % planes]! + shift),
    );
  // sin a = cos(a + 3 pi / 2).
  return { cos: table(0), sin: table(1.5 * Math.PI) };
}
