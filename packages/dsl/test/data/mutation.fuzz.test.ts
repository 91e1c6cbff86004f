/** Mutated files of every format: either they are accepted or a GensynError comes out, nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { GensynError } from '@gensyn/ir';
import { expect } from 'chai';
import type { Column, Dataset } from '../../src/semantics/program.js';
import { bench, column, dataset, fields, named, whole, type Bench } from './declare.js';

const fixtures = fileURLToPath(new URL('../../../test/data/fixtures', import.meta.url));
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

/** xorshift32: the same mutations on every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One to three edits: a byte replaced, a bit flipped, a run removed, doubled or overwritten, an interesting byte put in. */
function mutate(original: Buffer, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let edits = 1 + next(3); edits > 0; edits--) {
    const at = next(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + next(12));
    const kind = next(6);
    if (kind === 0 && at < bytes.length) bytes[at] = next(256);
    else if (kind === 1 && at < bytes.length) bytes[at]! ^= 1 << next(8);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    else if (kind === 4) bytes.fill(next(2) * 255, at, end);
    else {
      const special = Buffer.from([[0x22, 0x0a, 0x0d, 0x2c, 0x00, 0xff, 0x2d, 0x65][next(8)]!]);
      bytes = Buffer.concat([bytes.subarray(0, at), special, bytes.subarray(at)]);
    }
  }
  return bytes;
}

const pixels = column('x', whole, { shape: [3] });
const csv = 'a,"b ""c""",d\r\n1,-2.5,0\n\n3e2,"4",1\n5,6.25,2\n';
const csvColumns = [
  column('x', named('a', 'b "c"'), { shape: [2] }),
  column('d', fields(2), { type: 'class', classes: 3 }),
];
const text = (unit: 'line' | 'text', level: 'char' | 'byte'): Column =>
  column('t', { kind: 'text', unit, level, first: -2, last: 1 }, { type: 'i32', shape: [4] });
const idx = Buffer.from('000008030000000200000001000000030001020304050', 'hex');
const members = [
  column('x', { kind: 'member', name: 'x' }, { shape: [3] }),
  column('y', { kind: 'member', name: 'y' }, { type: 'i32' }),
];

const subjects: readonly (readonly [string, Buffer, Dataset])[] = [
  ['csv', Buffer.from(csv), dataset('m.csv', csvColumns, { header: true })],
  ['gzipped csv', gzipSync(csv), dataset('m.csv', csvColumns, { header: true })],
  ['idx', idx, dataset('m.idx', [pixels])],
  ['gzipped idx', gzipSync(idx), dataset('m.idx', [pixels])],
  ['npy', fixture('f4le.npy'), dataset('m.npy', [pixels])],
  ['npy of version 3', fixture('v3.npy'), dataset('m.npy', [pixels])],
  ['npz, stored', fixture('stored.npz'), dataset('m.npz', members)],
  ['npz, deflated', fixture('deflated.npz'), dataset('m.npz', members)],
  ['text by chars of lines', Buffer.from('añ\n😀c\r\n'), dataset('m.txt', [text('line', 'char')])],
  ['text by chars', Buffer.from('añ\n😀c\r\n'), dataset('m.txt', [text('text', 'char')])],
  ['text by bytes', Buffer.from('añ\n😀c\r\n'), dataset('m.txt', [text('line', 'byte')])],
];

describe('mutated data', () => {
  let b: Bench;
  beforeEach(() => {
    b = bench();
  });
  afterEach(() => b.close());

  subjects.forEach(([what, original, declared], i) => {
    it(`${what}: only named errors escape`, async () => {
      const next = random(1000 + i);
      let refused = 0;
      const count = Number(process.env.GENSYN_FUZZ ?? 200);
      b.file(declared.path!, original);
      await b.prepare(declared);
      for (let n = 0; n < count; n++) {
        const bytes = mutate(original, next);
        b.file(declared.path!, bytes);
        try {
          const { rows, columns } = await b.prepare(declared);
          expect(rows).to.be.greaterThan(0);
          for (const prepared of columns) {
            const last = b.row(prepared, rows - 1);
            expect(
              last.every((value) => Number.isFinite(value)),
              String(last),
            ).to.equal(true);
          }
        } catch (error) {
          if (!(error instanceof GensynError)) {
            throw new Error(`mutation ${n} (${bytes.toString('base64')})`, { cause: error });
          }
          expect(error.code, error.message).to.match(/^D01\d\d$/);
          refused++;
        }
      }
      // Text takes nearly anything, so nothing is asked of it here.
      if (!what.startsWith('text')) expect(refused).to.be.greaterThan(count / 10);
    }).timeout(0);
  });
});
