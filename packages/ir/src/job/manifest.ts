/** The manifest of a compiled job (`job.json`): all that a solver or verifier must know, bound by roots. */
import type { DType, Shape } from '../value/type.js';
import type { StateInit } from '../graph/graph.js';

/**
 * One column of a data set in canonical form: a tensor of `dims` stored row-major, little-endian, without a header. Row i of the data set is
 * the product(shape) elements from element `start + i * stride` on (windows of text overlap; everything else has start 0 and stride
 * product(shape)).
 */
export interface ColumnManifest {
  readonly name: string;
  /** Element type of the file; u8 is widened when a batch enters the graph. */
  readonly storage: 'u8' | 'i32' | 'f32';
  /** Shape of one row. */
  readonly shape: Shape;
  /** Element type of the graph input that it feeds. */
  readonly dtype: 'f32' | 'i32';
  /** Shape of the stored tensor, the one that `root` commits to. */
  readonly dims: Shape;
  readonly start: number;
  readonly stride: number;
  /** Smallest and largest stored value. */
  readonly min: number;
  readonly max: number;
  /** Path of the file, relative to the manifest, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  /** Merkle root of the stored tensor, hex. */
  readonly root: string;
  /** For `export` and for people: the value in the graph is (stored - offset) / divisor. */
  readonly divisor: number;
  readonly offset: number;
  readonly classes?: number;
  /** Names of the classes in order. */
  readonly labels?: readonly string[];
  /** Text by characters: token t stands for alphabet[t - alphabetStart]. */
  readonly alphabet?: string;
  readonly alphabetStart?: number;
}

export interface DatasetManifest {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnManifest[];
}

export interface StateManifest {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly init: StateInit;
}

/** Replicas of a job that train on slices of the data and are averaged. */
export interface ShardsManifest {
  readonly count: number;
  /** Training steps of each replica between two merges. With the merge, which is a step too, a round takes one more. */
  readonly sync: number;
  /** `jobRoot` of each replica's job, and of the merge's, hex. */
  readonly jobs: readonly string[];
  readonly merge: string;
}

export interface Manifest {
  readonly format: 'gensyn-job/1';
  readonly name: string;
  /** Version of the compiler that wrote it. */
  readonly compiler: string;
  /** Merkle root of the canonical training step (job.onnx), hex. */
  readonly graphRoot: string;
  /** Merkle root of the canonical evaluation graph (eval.onnx), hex: loss and metrics of one batch, no update. A prediction's is its step. */
  readonly evalRoot: string;
  /** `columnsRoot`: what every column holds and which row of it is read when, hex. */
  readonly dataRoot: string;
  /** State root before the first step, hex. */
  readonly initRoot: string;
  readonly seed: number;
  readonly batch: number;
  readonly steps: number;
  readonly checkpointEvery: number;
  /** Fraction of segments that a verifier replays by default. */
  readonly sample: number;
  /**
   * Rows of the first data set kept out of training: the last `holdoutRows` in the split order. Whole batches. With shards the sum of what
   * the slices keep.
   */
  readonly holdoutRows: number;
  readonly precision: 1 | 2 | 3;
  readonly datasets: readonly DatasetManifest[];
  /** In the order of the state tree. The first is always the step counter, i32[]. */
  readonly state: readonly StateManifest[];
  /** Besides the loss, in the order of the graph's outputs. */
  readonly metrics: readonly string[];
  /** Largest magnitude that `health` may report before the run has diverged. */
  readonly healthBound: number;
  /** Only of a job that predicts instead of training: it has no loss, and its result is a state tensor [steps, batch, ...]. */
  readonly predictions?: {
    /** Name of the state tensor. */
    readonly state: string;
    /** The data set whose rows are predicted, in the order of its batches. */
    readonly dataset: string;
    /** The column that holds the right classes, if the job compares with one. */
    readonly label?: string;
  };
  readonly size: {
    readonly parameters: number;
    readonly stateBytes: number;
    readonly nodes: number;
    /** Scalar operations of one step: the unit in which work is paid. */
    readonly workPerStep: number;
  };
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  readonly defaults: Readonly<Record<string, string>>;
  /** The job is trained in shards; everything else then speaks of the undivided job. */
  readonly shards?: ShardsManifest;
  readonly market?: {
    readonly rewardMin: number;
    readonly rewardMax: number;
    readonly deadlineSeconds: number;
  };
}

/** File names inside a compiled job's folder. */
export const JOB_FILES = {
  manifest: 'job.json',
  step: 'job.onnx',
  init: 'init.onnx',
  evaluation: 'eval.onnx',
  source: 'job.gml',
} as const;
