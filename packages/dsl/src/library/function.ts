/** What a library function (layer, activation, loss, metric) looks like to the checker and to the reader of its docs. */
import type { Span } from '@gensyn/ir';
import type { Init, Shape, Tensor } from '../tensor/tensor.js';

/** A value of the job language while it is being elaborated. */
export type Value = Tensor | number | boolean | string;

export type ParameterType = 'tensor' | 'integer' | 'number' | 'boolean' | 'string';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Absent: required. */
  readonly default?: number | boolean | string;
  /** May be left out, and then has no value: what that means is part of `doc`. */
  readonly optional?: boolean;
  /** True on the last parameter of a function that takes any number of further integers (dimensions). */
  readonly rest?: boolean;
  /** Smallest and largest value accepted (numbers only), both inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly doc: string;
}

/**
 * Where a layer puts its weights. Each call of a layer gets a scope of its own, named after the function and numbered
 * in the order of calls (`classifier.linear1`), so weight names are stable under edits elsewhere.
 */
export interface Scope {
  readonly path: string;
  weight(name: string, shape: Shape, init: Init): Tensor;
  /** A number that names a random stream of its own (dropout masks), the same on every compile. */
  stream(name: string): number;
}

/** Thrown by `build` when an argument does not fit; the checker adds the place. `argument` names the parameter at fault. */
export class ArgumentError extends Error {
  readonly argument: string | undefined;
  readonly help: string | undefined;
  constructor(message: string, argument?: string, help?: string) {
    super(message);
    this.name = 'ArgumentError';
    this.argument = argument;
    this.help = help;
  }
}

export interface LibraryFunction {
  readonly name: string;
  readonly kind: 'layer' | 'activation' | 'math' | 'shape' | 'loss' | 'metric';
  readonly parameters: readonly Parameter[];
  /** One sentence; the language reference is generated from it. */
  readonly doc: string;
  /** `args` holds a value for every parameter (defaults filled in); a rest parameter holds `number[]`. */
  build(
    scope: Scope,
    args: Readonly<Record<string, Value | readonly number[] | undefined>>,
    span: Span | undefined,
  ): Tensor;
}

/** Optimisers and schedules are records, not tensors: the checker fills in their defaults, the compiler reads them. */
export interface RecordFunction {
  readonly name: string;
  readonly kind: 'optimizer' | 'schedule';
  readonly parameters: readonly (Omit<Parameter, 'type'> & { readonly type: ParameterType | 'schedule' })[];
  readonly doc: string;
}

export interface RecordValue {
  readonly name: string;
  readonly fields: Readonly<Record<string, number | boolean | string | RecordValue>>;
  readonly span: Span | undefined;
}
