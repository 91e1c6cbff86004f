/** What runs steps: it owns the state, and takes what else a step needs from the job's sources. */
import type { State } from '@gensyn/ir';
import type { SourceInput } from '../data/sources.js';

/** Scalars of consecutive steps; `at(i)` of each array belongs to step `first + i`. */
export interface StepScalars {
  /** Steps done before the first of these. */
  readonly first: number;
  readonly count: number;
  /** Empty when the graph has none: it predicts. */
  readonly loss: Float32Array;
  /** Largest magnitude met in the state; empty when the graph has no such output. */
  readonly health: Float32Array;
  /** By name, in the order of the graph's outputs. */
  readonly metrics: ReadonlyMap<string, Float32Array>;
}

export interface Executor {
  /** Steps done. */
  readonly step: number;
  /** Most steps that one call takes. */
  readonly chunkLimit: number;
  /** Runs 1 to `chunkLimit` steps. Errors: R0303, R0502, and those of the data. */
  run(count: number): Promise<StepScalars>;
  /**
   * Goes on from another state, over which it may write, and with other inputs of the same names and types if any are given: replicas
   * of a job share a session.
   */
  restart(state: State, step: number, sources?: readonly SourceInput[]): void;
  /** The state in main memory, in the manifest's order; valid until the next `run`. */
  state(): Promise<State>;
  close(): Promise<void>;
}
