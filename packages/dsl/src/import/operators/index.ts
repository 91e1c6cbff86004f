/** All ONNX operators that can be imported, by family. */
import type { Family, ImportedOperator } from '../operation.js';
import { activations } from './activations.js';
import { constants } from './constants.js';
import { elementwise } from './elementwise.js';
import { moves } from './moves.js';
import { normalisation } from './normalisation.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { reductions } from './reductions.js';

export const FAMILIES: Readonly<Record<string, Family>> = {
  'Elementwise arithmetic': elementwise,
  Activations: activations,
  'Products and convolutions': products,
  Pooling: pooling,
  'Normalisation and dropout': normalisation,
  Moves: moves,
  Reductions: reductions,
  'Constants, shapes and comparisons': constants,
};

const ALL: ReadonlyMap<string, ImportedOperator> = new Map(
  Object.values(FAMILIES).flatMap((family) => Object.entries(family)),
);

export const importedOperator = (op: string): ImportedOperator | undefined => ALL.get(op);
