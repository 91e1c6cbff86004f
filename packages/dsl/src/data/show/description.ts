/** What is told of a data file before there is a job for it. */
import type { Tally } from './tally.js';

/** An array of an IDX, npy or npz file. */
export interface ArrayDescription {
  /** Of the member of an npz file; empty otherwise. */
  readonly name: string;
  /** Element type, as `u8` or `f32`; as numpy writes it where it is not read. */
  readonly type: string;
  /** Rows first. */
  readonly shape: readonly number[];
  readonly values?: Tally;
  /** The first values of the first rows. */
  readonly first?: readonly (readonly number[])[];
  /** Texts of an array of strings, as names of classes are kept. */
  readonly words?: readonly string[];
  /** Why it cannot be a column. */
  readonly refused?: string;
}

/** A field of a CSV file. */
export interface FieldDescription {
  readonly position: number;
  readonly name?: string;
  readonly kind: 'numbers' | 'words';
  /** Of fields that are all numbers. */
  readonly values?: Tally;
  /** Different texts by code unit; undefined when there are too many. */
  readonly words?: readonly string[];
  readonly empty: number;
}

export interface TextDescription {
  readonly characters: number;
  readonly lines: number;
  readonly longestLine: number;
  /** All characters, by code point. */
  readonly alphabet: string;
}

interface Described {
  readonly file: string;
  readonly bytes: number;
  /** Lines of a `data` block to paste into a job. */
  readonly suggestion: string;
}

export type FileDescription = Described &
  (
    | { readonly format: 'idx'; readonly arrays: readonly ArrayDescription[] }
    | { readonly format: 'npy'; readonly arrays: readonly ArrayDescription[] }
    | { readonly format: 'npz'; readonly arrays: readonly ArrayDescription[] }
    | {
        readonly format: 'csv';
        readonly rows: number;
        readonly header: boolean;
        readonly separator: string;
        readonly fields: readonly FieldDescription[];
        /** The first rows, fields as they stand. */
        readonly first: readonly (readonly string[])[];
      }
    | { readonly format: 'text'; readonly text: TextDescription; readonly first: readonly string[] }
    | { readonly format: 'bytes'; readonly why: string }
  );
