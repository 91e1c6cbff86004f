/** Openings for elements of constants and inputs. */
import { GensynError, batchOrder, committedTypes } from '@gensyn/ir';
import { columnIndex, columnsTree } from './columns.js';
import type { ProofBytes } from './proof-bytes.js';
import { stateInputs, type CommittedStep } from './step.js';

const chunkOf = (dtype: keyof typeof committedTypes, element: number): number =>
  Math.floor((element * committedTypes[dtype].size) / 32);

/** Errors: V0403 for an input that nothing fixes. */
export function proveSource(step: CommittedStep, proof: ProofBytes, id: number, element: number): void {
  const { graph } = step.job;
  const node = graph.nodes[id]!;
  if (node.op === 'Constant') return proof.opening(step.tensorTree(id), chunkOf(node.type.dtype, element));
  const source = node.source!;
  if (source.kind === 'free') throw new GensynError('V0403', `nothing fixes the input '${node.name}'`);
  if (source.kind === 'batch') return proveRow(step, proof, id, element);
  const opening = (): void => proof.opening(step.tensorTree(id), chunkOf(node.type.dtype, element));
  if (step.number === 0 && source.kind === 'state' && source.init.kind === 'given') return opening();
  // Masks and other initial values are computed from nothing but the graph and the seed.
  if (source.kind === 'dropout' || step.number === 0) return;
  const states = stateInputs(graph);
  const index = states.findIndex((each) => each.node === id);
  proof.u32(states.length);
  proof.u32(index);
  opening();
  proof.path(step.stateTree, index);
}

function proveRow(step: CommittedStep, proof: ProofBytes, id: number, element: number): void {
  const { graph, columns, seed, batch } = step.job;
  const node = graph.nodes[id]!;
  const source = node.source as { dataset: string; column: string };
  const index = columnIndex(columns, source.dataset, source.column);
  const column = columns[index]!;
  const { storage, dims, start, stride } = column.manifest;
  const width = step.values[id]!.data.length / batch;
  const row = batchOrder(seed, batch, column.rows, column.holdout).training(step.number)[
    Math.floor(element / width)
  ]!;
  proof.u32(columns.length);
  proof.u32(index);
  proof.u32(column.rows);
  proof.u32(column.holdout);
  proof.u64(start);
  proof.u64(stride);
  proof.u8(committedTypes[storage].code);
  proof.u8(dims.length);
  dims.forEach((dim) => proof.u32(dim));
  proof.opening(step.columnTree(column), chunkOf(storage, start + row * stride + (element % width)));
  proof.path(columnsTree(columns), index);
}
