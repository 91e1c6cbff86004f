/** Choices that a seed fixes. */
import { uniformBits } from '@gensyn/ir';

/** A number from 0 to `count - 1`; 0 if there is none. */
export type Choose = (count: number) => number;

export function chooser(seed: number, stream = 0): Choose {
  let at = 0;
  return (count) => (count > 0 ? uniformBits(seed >>> 0, stream, 0, at++) % count : 0);
}
