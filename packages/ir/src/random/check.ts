/** Argument checks of the random functions, which take words of 32 bits throughout. */
import { GensynError } from '../error.js';

/** Errors: G0030 unless `value` is an integer in [0, 2^32). */
export function checkWord(name: string, value: number): void {
  checkRange(name, value, 0, 0xffff_ffff);
}

/** Errors: G0030 unless `value` is an integer in [low, high]. */
export function checkRange(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new GensynError('G0030', `${name} is ${value}, not an integer from ${low} to ${high}`);
}
