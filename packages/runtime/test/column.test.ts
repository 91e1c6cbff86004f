/** Columns on disk: rows read at their position are those read from memory, also where rows overlap. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { ColumnManifest } from '@gensyn/ir';
import { openColumn } from '@gensyn/runtime';

const base = { name: 'c', min: 0, max: 255, file: 'c.bin', root: '', divisor: 1, offset: 0 } as const;

describe('columns', () => {
  let file: string;
  before(() => (file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-column-')), 'c.bin')));
  after(() => fs.rmSync(path.dirname(file), { recursive: true, force: true }));

  const layouts: readonly (readonly [
    string,
    Pick<ColumnManifest, 'storage' | 'dtype' | 'dims' | 'shape' | 'start' | 'stride'>,
  ])[] = [
    ['bytes widened to f32', { storage: 'u8', dtype: 'f32', dims: [60, 4], shape: [4], start: 0, stride: 4 }],
    [
      'overlapping windows of text',
      { storage: 'u8', dtype: 'i32', dims: [240], shape: [16], start: 1, stride: 3 },
    ],
    ['integers', { storage: 'i32', dtype: 'i32', dims: [60], shape: [], start: 0, stride: 1 }],
    ['floats', { storage: 'f32', dtype: 'f32', dims: [30, 2], shape: [2], start: 0, stride: 2 }],
  ];
  for (const [name, layout] of layouts) {
    it(name, () => {
      const bytes = Uint8Array.from({ length: 240 }, (_, i) => (i * 37) & 127);
      fs.writeFileSync(file, bytes);
      const stored =
        layout.storage === 'u8'
          ? bytes
          : layout.storage === 'i32'
            ? new Int32Array(bytes.buffer)
            : new Float32Array(bytes.buffer);
      const manifest: ColumnManifest = { ...base, ...layout, bytes: bytes.length };
      const rows = Int32Array.of(17, 0, 17, 25, 3);
      const expected = [...rows].flatMap((row) => [
        ...stored.subarray(
          layout.start + row * layout.stride,
          layout.start + row * layout.stride + layout.shape.reduce((a, b) => a * b, 1),
        ),
      ]);
      for (const held of [2 ** 20, 0]) {
        const column = openColumn(file, manifest, held);
        const out =
          layout.dtype === 'f32'
            ? new Float32Array(expected.length + 2)
            : new Int32Array(expected.length + 2);
        column.gather(rows, out, 1);
        column.close();
        expect([...out.subarray(1, -1)], held === 0 ? 'from the file' : 'from memory').to.deep.equal(
          expected,
        );
        expect([out[0], out.at(-1)]).to.deep.equal([0, 0]);
      }
    });
  }
});
