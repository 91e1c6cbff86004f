/** Visits every point of an iteration space with the operands' flat indices, the way an odometer turns. */
import { elements, type Shape } from '../value/type.js';
import type { IndexMap } from './operator.js';

/**
 * Calls `visit(point, offsets)` for each point of `shape` in row-major order. `offsets[n]` is operand n's flat
 * index, or -1 outside its window. The array is reused between calls.
 */
export function walk(
  shape: Shape,
  maps: readonly IndexMap[],
  visit: (point: number, offsets: Int32Array) => void,
): void {
  const total = elements(shape);
  const rank = shape.length;
  const at = new Int32Array(rank);
  const flat = maps.map((map) => map.offset);
  const offsets = new Int32Array(maps.length);
  for (let point = 0; point < total; point++) {
    for (let n = 0; n < maps.length; n++) offsets[n] = inside(maps[n]!, at) ? flat[n]! : -1;
    visit(point, offsets);
    for (let axis = rank - 1; axis >= 0; axis--) {
      const next = at[axis]! + 1;
      if (next < shape[axis]!) {
        at[axis] = next;
        for (let n = 0; n < maps.length; n++) flat[n]! += maps[n]!.strides[axis]!;
        break;
      }
      for (let n = 0; n < maps.length; n++) flat[n]! -= maps[n]!.strides[axis]! * at[axis]!;
      at[axis] = 0;
    }
  }
}

function inside(map: IndexMap, at: Int32Array): boolean {
  if (!map.window) return true;
  for (let axis = 0; axis < at.length; axis++) {
    const [lo, hi] = map.window[axis]!;
    if (at[axis]! < lo || at[axis]! >= hi) return false;
  }
  return true;
}
