/** What the compiler, the runtime and a referee know of a prepared data set: files, shapes, ranges, roots. */
import type { Shape } from '../tensor/tensor.js';

/** Element type of a column file. `u8` is unsigned; `i32` and `f32` are little-endian. */
export type Storage = 'u8' | 'i32' | 'f32';

/** Bytes of one stored element. */
export const storageBytes: Readonly<Record<Storage, number>> = { u8: 1, i32: 4, f32: 4 };

/**
 * One column, ready to be read at random. Row `i` is the `product(shape)` elements of the stored tensor that begin at
 * element `start + i * stride`; for all but windows of text start is 0 and stride is product(shape). So an element of a
 * batch is one element of a committed tensor, at an index that row and position give.
 */
export interface PreparedColumn {
  readonly name: string;
  readonly type: 'f32' | 'i32' | 'class';
  readonly storage: Storage;
  /** Shape of one row, without the row dimension. */
  readonly shape: Shape;
  /** Name of the column file inside the output folder: the stored tensor, row-major, little-endian, nothing else. */
  readonly file: string;
  readonly bytes: number;
  /** Shape of the stored tensor: [rows, ...shape], or [tokens] for windows of continuous text. */
  readonly dims: Shape;
  /** Element of the stored tensor at which row 0 begins. */
  readonly start: number;
  /** Elements from the start of one row to the start of the next. */
  readonly stride: number;
  /** Merkle root of the stored tensor, 64 hex digits. */
  readonly root: string;
  /** Smallest and largest stored value, before offset and divisor. */
  readonly min: number;
  readonly max: number;
  /** Smallest non-zero magnitude stored; 0 if every value is zero. */
  readonly tiny: number;
  /** Largest power of two of which every stored value is a multiple; 1 or more for u8 and i32, 0 if every value is zero. */
  readonly quantum: number;
  /** How many values were too small for a normal f32 and are stored as 0. */
  readonly flushed: number;
  /** The value in the graph is (stored - offset) / divisor. */
  readonly divisor: number;
  readonly offset: number;
  readonly classes?: number;
  readonly labels?: readonly string[];
  /** Text by characters: token t stands for the character alphabet[t - alphabetStart]. */
  readonly alphabet?: string;
  readonly alphabetStart?: number;
  /** Text by lines: the token that stands before the start and after the end of a line. */
  readonly boundary?: number;
}

export interface PreparedDataset {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly PreparedColumn[];
  /** Merkle root over the columns' roots in declared order, 64 hex digits. */
  readonly root: string;
}
