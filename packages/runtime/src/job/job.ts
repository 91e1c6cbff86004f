/** A compiled job, checked and opened for a run. */
import type { Graph, Manifest } from '@gensyn/ir';
import type { Columns } from '../data/sources.js';

export interface Job {
  readonly manifest: Manifest;
  /** The training step. */
  readonly step: Graph;
  /** Loss and metrics of one batch, without an update. */
  readonly evaluation: Graph;
  readonly columns: Columns;
}
