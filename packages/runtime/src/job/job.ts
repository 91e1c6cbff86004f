/** A compiled job, checked and opened for a run. */
import type { Graph, Manifest, State } from '@gensyn/ir';
import type { Columns } from '../data/sources.js';

export interface Job {
  readonly manifest: Manifest;
  /** The training step. */
  readonly step: Graph;
  /** Loss and metrics of one batch, without an update. */
  readonly evaluation: Graph;
  readonly columns: Columns;
  /** Tensors that start from values of init.onnx, checked against their roots; most jobs have none. */
  readonly given?: State;
}
