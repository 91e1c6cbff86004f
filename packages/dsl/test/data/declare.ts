/** Short declarations of data sets and throw-away folders for the tests of the data side. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GensynError, type Span } from '@gensyn/ir';
import { expect } from 'chai';
import { prepareDataset, type PreparedColumn, type PreparedDataset } from '../../src/data/index.js';
import type { Column, ColumnSource, Dataset } from '../../src/semantics/program.js';

export const span: Span = { file: 'job.gml', offset: 0, length: 1, line: 1, column: 1 };

export function column(name: string, source: ColumnSource, more: Partial<Column> = {}): Column {
  const base = {
    name,
    type: 'f32',
    shape: [],
    classes: undefined,
    labels: undefined,
    path: undefined,
  } as const;
  return { ...base, source, divisor: 1, offset: 0, span, ...more };
}

export function dataset(
  path: string | undefined,
  columns: readonly Column[],
  more: Partial<Dataset> = {},
): Dataset {
  return {
    name: 'd',
    path,
    columns,
    header: false,
    separator: ',',
    stride: 1,
    alphabet: undefined,
    span,
    ...more,
  };
}

export const fields = (first: number, last = first): ColumnSource => ({ kind: 'columns', first, last });
export const named = (...names: string[]): ColumnSource => ({ kind: 'named', names });
export const whole: ColumnSource = { kind: 'whole' };

export interface Bench {
  readonly dir: string;
  file(name: string, content: string | Uint8Array): void;
  prepare(declared: Dataset): Promise<PreparedDataset>;
  /** Prepares and returns the code of the GensynError that it must end in. */
  refuse(declared: Dataset): Promise<GensynError>;
  /** Row `row` of a prepared column, read as docs/data.md says. */
  row(prepared: PreparedColumn, row: number): number[];
  close(): void;
}

export function bench(): Bench {
  const dir = mkdtempSync(join(tmpdir(), 'gensyn-data-'));
  const outDir = join(dir, 'out');
  const prepare = (declared: Dataset): Promise<PreparedDataset> =>
    prepareDataset(declared, { baseDir: dir, outDir, searchDirs: [] });
  return {
    dir,
    prepare,
    file: (name, content) => writeFileSync(join(dir, name), content),
    async refuse(declared) {
      let found: unknown;
      try {
        found = await prepare(declared);
      } catch (error) {
        expect(error, String(error)).to.be.instanceOf(GensynError);
        return error as GensynError;
      }
      return expect.fail(`was accepted: ${JSON.stringify(found)}`);
    },
    row(prepared, row) {
      const bytes = readFileSync(join(outDir, prepared.file));
      expect(bytes.length).to.equal(prepared.bytes);
      const size = prepared.shape.reduce((a, b) => a * b, 1);
      return Array.from({ length: size }, (_, i) => {
        const at = prepared.start + row * prepared.stride + i;
        if (prepared.storage === 'u8') return bytes.readUInt8(at);
        return prepared.storage === 'i32' ? bytes.readInt32LE(4 * at) : bytes.readFloatLE(4 * at);
      });
    },
    close: () => rmSync(dir, { recursive: true }),
  };
}
