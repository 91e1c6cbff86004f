/** The typed tensor program: what a job means before it is lowered to canonical operators. */
import type { Span } from '@gensyn/ir';

/** Element types of the tensor program. `f32` is differentiable, the others are not. */
export type ElementType = 'f32' | 'i32' | 'bool';

export type Shape = readonly number[];

/**
 * How a weight starts. `uniform` draws from [-bound, bound) with the job's counter-based generator; `given` are the values of an imported
 * network, of which `root` is the tensor root, hex.
 */
export type Init =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'given'; readonly data: Float32Array; readonly root: string };

export type Attribute =
  number | string | boolean | readonly number[] | Init | Float32Array | Int32Array | Uint8Array;

/**
 * One value of the program. Tensors are immutable and form a directed acyclic graph through `inputs`;
 * `op` names a row of the operator table (`operators.ts`).
 */
export interface Tensor {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly type: ElementType;
  readonly shape: Shape;
  /** The expression in the job that produced it. */
  readonly span: Span | undefined;
}
