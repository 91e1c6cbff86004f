/** What a reader hands to the preparation of a data set: written columns and how rows lie in them. */
import type { Column } from '../semantics/program.js';
import type { ColumnWriter } from './column-writer.js';
import { dataError, type DataPlace } from './problem.js';

/** Opens the writer of one column; `where` tells the place in the source when a value is refused. */
export type OpenColumn = (column: Column, where: () => string) => ColumnWriter;

export interface ColumnData {
  readonly column: Column;
  readonly writer: ColumnWriter;
  readonly rows: number;
  /** First element of row 0, and from row to row; absent when rows simply follow each other. */
  readonly view?: { readonly start: number; readonly stride: number };
  readonly alphabet?: string;
  readonly alphabetStart?: number;
  readonly boundary?: number;
}

/** Values in one row of a column. */
export function rowSize(column: Column): number {
  return column.shape.reduce((product, dim) => product * dim, 1);
}

/** The column as the job writes its type: `f32[64]`, `class[10]`, `class[28][8]`. */
export function columnType(column: Column): string {
  const shape = column.shape.length > 0 ? `[${column.shape.join(', ')}]` : '';
  return column.type === 'class' ? `class[${column.classes}]${shape}` : `${column.type}${shape}`;
}

/** @throws GensynError D0150 unless the source has as many values a row as the column declares */
export function checkRowSize(column: Column, found: number, place: DataPlace, what: string): void {
  const expected = rowSize(column);
  if (found === expected) return;
  throw dataError(
    'D0150',
    { ...place, span: column.span },
    `${what} for column '${column.name}', whose type ${columnType(column)} takes ${expected}`,
  );
}
