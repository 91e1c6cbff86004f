/** What the checker hands to the compiler: a job with every name resolved, every constant evaluated, every default written out. */
import type { Span } from '@gensyn/ir';
import type { RecordValue } from '../library/function.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** Which part of a file a column is read from. A column of shape [] reads one value a row, of shape [k...] their product. */
export type ColumnSource =
  /** csv columns by position from 0, both ends inclusive: `column 64`, `columns 0..63`. */
  | { readonly kind: 'columns'; readonly first: number; readonly last: number }
  /** csv columns by header, in this order: `column "species"`, `columns "height", "width"`. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** One array of an npz file: `member "x_train"`. */
  | { readonly kind: 'member'; readonly name: string }
  /** The only array of an idx (also .gz) or npy file: the path alone, or `whole` of the data set's file. */
  | { readonly kind: 'whole' }
  /**
   * UTF-8 text: `chars -8..-1 of line`, `bytes 1..64 of text`. Rows are positions p; the row holds the tokens at
   * p+first .. p+last (inclusive; last - first + 1 of them).
   * unit `text`: p runs over the whole text in steps of the data set's stride, as long as every column of the data set
   * stays inside. unit `line`: p runs over 0..length of every line (the position after the last character too), line ends
   * not counted; a place before the start or after the end of the line holds the boundary token.
   * level `char`: code points, numbered by their place in the alphabet; level `byte`: the byte's value. The boundary token
   * is 0 for chars (the alphabet then counts from 1) and 10 (line feed) for bytes. In unit `text` chars count from 0.
   */
  | {
      readonly kind: 'text';
      readonly level: 'char' | 'byte';
      readonly unit: 'line' | 'text';
      readonly first: number;
      readonly last: number;
    };

/** One column group of a data set, as declared. `shape` is the shape of one row (no batch dimension). */
export interface Column {
  readonly name: string;
  /** `f32[64]`, `i32[8]`, `class[10]` (an i32 scalar in 0..9) or `class[28][8]` (eight of 28 classes). */
  readonly type: 'f32' | 'i32' | 'class';
  readonly shape: Shape;
  /** Number of classes when type is `class`. */
  readonly classes: number | undefined;
  /** Names of the classes in order when written `class["setosa", "versicolor"]`: the file then holds these words. */
  readonly labels: readonly string[] | undefined;
  readonly source: ColumnSource;
  /** The file of this column alone (`= "train-images-idx3-ubyte.gz" / 255`), else the data set's. */
  readonly path: string | undefined;
  /** The value in the graph is (stored - offset) / divisor; 0 and 1 when nothing is written. Only f32 columns have others. */
  readonly divisor: number;
  readonly offset: number;
  readonly span: Span;
}

export interface Dataset {
  readonly name: string;
  /** The path as written or set, relative to the folder of the job file. Undefined if every column names its own. */
  readonly path: string | undefined;
  readonly columns: readonly Column[];
  /** csv: whether the first line holds names. `header = true`; default: true if a column is named, else false. */
  readonly header: boolean;
  /** csv: the character between fields. `separator = ";"`; default `,`. */
  readonly separator: string;
  /** Text: distance between the starts of two windows (unit `text`). `stride = 64`; default 1. */
  readonly stride: number;
  /** Text: `alphabet = "abc"`; default undefined: the distinct characters of the file by code point. */
  readonly alphabet: string | undefined;
  readonly span: Span;
}

/**
 * What every job says, checked. Tensors of shape [batch, ...] stand for one training batch. The leaves are
 * `{op: 'column', attributes: {dataset, column}}`, a batch of rows of that column (value after offset and divisor), and
 * `{op: 'weight', attributes: {name, init}}`, a trained tensor; a weight is one object however often it is used.
 */
export interface Task {
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly value: number | boolean | string;
    readonly overridden: boolean;
  }[];
  readonly datasets: readonly Dataset[];
  /** Every weight that the loss, or a prediction, can reach, in the order of the job. */
  readonly weights: readonly Tensor[];
  /** Scalar f32 [] tensors, evaluated on training and holdout batches; the loss comes first, under the name `loss`, where there is one. */
  readonly metrics: readonly { readonly name: string; readonly value: Tensor }[];
  /** The model's output for inference (`gensyn export`). */
  readonly output: Tensor;
  readonly precision: 1 | 2 | 3;
  readonly batch: number;
  readonly seed: number;
  /** Fraction of the segments that a verifier replays, 0..1. */
  readonly sample: number;
  readonly market:
    { readonly rewardMin: number; readonly rewardMax: number; readonly deadlineSeconds: number } | undefined;
  /** Everything the job left unsaid, as `train.seed = 0`, printed by compile and stored in the manifest. */
  readonly defaults: readonly { readonly name: string; readonly value: string }[];
}

/** A job that predicts: the model, with the weights that it was given, for every row of a data set. */
export interface Prediction extends Task {
  readonly kind: 'predict';
  /** The data set whose rows are predicted. */
  readonly dataset: string;
  /** The column of classes that `accuracy` holds the model's output against, if it does. */
  readonly label: string | undefined;
  /** Undefined where the job says nothing of it. */
  readonly checkpointEvery: number | undefined;
}

/** A job that trains. */
export interface Program extends Task {
  readonly kind: 'train';
  /** Scalar f32 [] tensor: mean over the batch. */
  readonly loss: Tensor;
  readonly optimizer: RecordValue;
  /** Largest Euclidean norm of the whole gradient, or undefined for no clipping. */
  readonly clip: number | undefined;
  /** Batches whose gradients are averaged for one update. */
  readonly accumulate: number;
  /** Decay of the moving averages of the weights, with which the job is evaluated and exported; undefined for none. */
  readonly average: number | undefined;
  readonly steps: number;
  /** Fraction of the rows kept out of training, 0..0.9. */
  readonly holdout: number;
  /** Replicas that train on slices of their own and are averaged after every `sync` steps, a divisor of `steps`; undefined for one. */
  readonly shards: { readonly count: number; readonly sync: number } | undefined;
  readonly checkpointEvery: number;
}
