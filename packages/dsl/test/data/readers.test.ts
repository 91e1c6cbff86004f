/** What each format reads, value by value. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { bench, column, dataset, fields, named, whole, type Bench } from './declare.js';

const fixtures = fileURLToPath(new URL('../../../test/data/fixtures', import.meta.url));
const npy = (name: string): Buffer => readFileSync(join(fixtures, name));

let b: Bench;

/** Rows of the first column. */
async function rows(declared: Parameters<Bench['prepare']>[0], at = 0): Promise<number[][]> {
  const prepared = await b.prepare(declared);
  return Array.from({ length: prepared.rows }, (_, row) => b.row(prepared.columns[at]!, row));
}

describe('data readers', () => {
  beforeEach(() => {
    b = bench();
  });
  afterEach(() => b.close());

  describe('CSV', () => {
    const one = [column('a', fields(0, 1), { shape: [2] })];

    for (const [what, text] of [
      ['LF', '1,2\n3,4\n'],
      ['CRLF', '1,2\r\n3,4\r\n'],
      ['no end of line at the end', '1,2\n3,4'],
      ['blank lines', '\n1,2\n\r\n\n3,4\n\n'],
      ['quotes', '"1",2\n"3","4"\r\n'],
      ['quotes at the end of the file', '1,2\n3,"4"'],
      ['spaces', ' 1 ,2\t\n3, 4\n'],
      ['a byte order mark', '\ufeff1,2\n3,4\n'],
    ] as const) {
      it(`reads ${what}`, async () => {
        b.file('a.csv', text);
        expect(await rows(dataset('a.csv', one))).to.deep.equal([
          [1, 2],
          [3, 4],
        ]);
      });
    }

    it('reads gzip, by content and not by name', async () => {
      b.file('a.csv', gzipSync('1,2\n3,4\n'));
      expect(await rows(dataset('a.csv', one))).to.deep.equal([
        [1, 2],
        [3, 4],
      ]);
    });

    it('reads numbers in every form', async () => {
      b.file('a.csv', '-1\n+2\n.5\n3.\n1e3\n1E-2\n-0\n1234567890\n');
      const values = [-1, 2, 0.5, 3, 1000, Math.fround(0.01), 0, 1234567936];
      expect(await rows(dataset('a.csv', [column('a', fields(0))]))).to.deep.equal(values.map((v) => [v]));
    });

    it('finds named columns in the order named', async () => {
      b.file('a.csv', 'x,"the ""y""",z\n1,2,3\n');
      const columns = [column('a', named('z', 'x'), { shape: [2] }), column('b', named('the "y"'))];
      expect(await rows(dataset('a.csv', columns, { header: true }))).to.deep.equal([[3, 1]]);
      expect(await rows(dataset('a.csv', columns, { header: true }), 1)).to.deep.equal([[2]]);
    });

    it('takes a header that counts the columns', async () => {
      b.file('a.csv', ',0,1\n7,8,9\n');
      expect(await rows(dataset('a.csv', [column('a', named('1'))], { header: true }))).to.deep.equal([[9]]);
    });

    it('reads labels and other separators', async () => {
      b.file('a.csv', '1;cat\n2;"dog"\n3; cat\n');
      const kind = column('kind', fields(1), { type: 'class', classes: 2, labels: ['dog', 'cat'] });
      expect(await rows(dataset('a.csv', [kind], { separator: ';' }))).to.deep.equal([[1], [0], [1]]);
    });

    it('reads records that cross the chunks of the stream', async () => {
      const lines = Array.from({ length: 60000 }, (_, i) => `${i % 256},"${(i * 7) % 256}"`);
      b.file('a.csv', lines.join('\r\n'));
      const { rows: found, columns } = await b.prepare(dataset('a.csv', one));
      expect(found).to.equal(60000);
      for (let i = 0; i < 60000; i += 997) {
        expect(b.row(columns[0]!, i)).to.deep.equal([i % 256, (i * 7) % 256]);
      }
    });
  });

  describe('element types of column files', () => {
    async function stored(text: string, type: 'f32' | 'i32'): Promise<[string, number[]]> {
      b.file('a.csv', text);
      const { columns } = await b.prepare(dataset('a.csv', [column('a', fields(0), { type })]));
      const values = Array.from(
        { length: columns[0]!.bytes / (columns[0]!.storage === 'u8' ? 1 : 4) },
        (_, i) => b.row(columns[0]!, i)[0]!,
      );
      return [columns[0]!.storage, values];
    }
    it('u8 for integers 0..255', async () =>
      expect(await stored('0\n255\n7.0\n', 'f32')).to.deep.equal(['u8', [0, 255, 7]]));
    it('i32 for other integers', async () =>
      expect(await stored('0\n255\n-1\n', 'i32')).to.deep.equal(['i32', [0, 255, -1]]));
    it('f32 otherwise, and rounds once', async () =>
      expect(await stored('0\n256\n0.1\n', 'f32')).to.deep.equal(['f32', [0, 256, Math.fround(0.1)]]));

    it('stores subnormals as 0 and counts them', async () => {
      b.file('a.csv', '1e-39\n1\n-1e-300\n1.1754943508222875e-38\n-0\n');
      const found = (await b.prepare(dataset('a.csv', [column('a', fields(0))]))).columns[0]!;
      expect(found).to.include({
        storage: 'f32',
        flushed: 2,
        min: 0,
        max: 1,
        tiny: 2 ** -126,
        quantum: 2 ** -126,
      });
      const values = [0, 1, 2, 3, 4].map((row) => b.row(found, row)[0]!);
      expect(values.map((v) => Object.is(v, -0) || (v !== 0 && Math.abs(v) < 2 ** -126))).to.not.include(
        true,
      );
    });

    it('tells the quantum', async () => {
      b.file('a.csv', '0.75\n-12\n');
      expect((await b.prepare(dataset('a.csv', [column('a', fields(0))]))).columns[0]).to.include({
        tiny: 0.75,
        quantum: 0.25,
      });
      b.file('a.csv', '0\n12\n8\n');
      expect((await b.prepare(dataset('a.csv', [column('a', fields(0))]))).columns[0]).to.include({
        tiny: 8,
        quantum: 4,
      });
    });

    it('widens long after the first value, through several buffers', async () => {
      const text = `${'3\n'.repeat(300000)}0.5\n`;
      b.file('a.csv', text);
      const found = (await b.prepare(dataset('a.csv', [column('a', fields(0))]))).columns[0]!;
      expect(found).to.include({ storage: 'f32', bytes: 4 * 300001 });
      expect([0, 299999, 300000].map((row) => b.row(found, row)[0])).to.deep.equal([3, 3, 0.5]);
    });
  });

  describe('arrays', () => {
    const x = column('x', whole, { shape: [3] });
    const expected = [
      [0, 1, 2],
      [3, 4, 100],
    ];
    const types = 'f4le f4be f8le f8be f2le i1 i2le i2be i4le i4be i8le i8be u1 u2le u4le u8le v2 v3'.split(
      ' ',
    );
    for (const type of types) {
      it(`npy ${type}`, async () => {
        b.file('x.npy', npy(`${type}.npy`));
        expect(await rows(dataset('x.npy', [x]))).to.deep.equal(expected);
      });
    }
    it('npy bool', async () => {
      b.file('x.npy', npy('b1.npy'));
      expect(await rows(dataset('x.npy', [x]))).to.deep.equal([
        [0, 1, 0],
        [1, 0, 0],
      ]);
    });
    it('npy, some elements of a row', async () => {
      b.file('x.npy', npy('f4le.npy'));
      const columns = [column('a', fields(0, 1), { shape: [2] }), column('b', fields(2), { type: 'i32' })];
      expect(await rows(dataset('x.npy', columns))).to.deep.equal([
        [0, 1],
        [3, 4],
      ]);
      expect(await rows(dataset('x.npy', columns), 1)).to.deep.equal([[2], [100]]);
    });
    for (const file of ['stored.npz', 'deflated.npz']) {
      it(`npz, ${file}`, async () => {
        b.file('x.npz', npy(file));
        const columns = [
          column('y', { kind: 'member', name: 'y' }, { type: 'class', classes: 2 }),
          column('x', { kind: 'member', name: 'x' }, { shape: [3] }),
        ];
        expect(await rows(dataset('x.npz', columns))).to.deep.equal([[0], [1]]);
        expect(await rows(dataset('x.npz', columns), 1)).to.deep.equal(expected);
      });
    }
    for (const zip of [false, true]) {
      it(`IDX${zip ? ', gzip' : ''}`, async () => {
        const bytes = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 1, 2, 3, 4, 100]);
        b.file('x-idx3-ubyte', zip ? gzipSync(bytes) : bytes);
        expect(await rows(dataset('x-idx3-ubyte', [x]))).to.deep.equal(expected);
      });
    }
    it('IDX of big-endian f32 and i32', async () => {
      b.file('f.idx', Buffer.from('00000d01000000023f800000c0000000', 'hex'));
      expect(await rows(dataset('f.idx', [column('a', whole)]))).to.deep.equal([[1], [-2]]);
      b.file('i.idx', Buffer.from('00000c010000000200000100ffffffff', 'hex'));
      expect(await rows(dataset('i.idx', [column('a', whole, { type: 'i32' })]))).to.deep.equal([
        [256],
        [-1],
      ]);
    });
  });

  describe('text', () => {
    const text = (unit: 'line' | 'text', level: 'char' | 'byte', first: number, last: number) =>
      ({ kind: 'text', unit, level, first, last }) as const;

    it('lines by chars: a row for every position, boundary outside', async () => {
      b.file('t.txt', 'ab\r\n\nc');
      const context = column('context', text('line', 'char', -2, -1), {
        type: 'class',
        classes: 4,
        shape: [2],
      });
      const next = column('next', text('line', 'char', 0, 0), { type: 'class', classes: 4 });
      const d = dataset('t.txt', [context, next]);
      expect(await rows(d)).to.deep.equal([
        [0, 0],
        [0, 1],
        [1, 2],
        [0, 0],
        [0, 3],
      ]);
      expect(await rows(d, 1)).to.deep.equal([[1], [2], [0], [3], [0]]);
      expect((await b.prepare(d)).columns[0]).to.include({ alphabet: 'abc', alphabetStart: 1, boundary: 0 });
    });

    it('lines by bytes', async () => {
      b.file('t.txt', 'é\r\n');
      const near = column('near', text('line', 'byte', -1, 1), { type: 'i32', shape: [3] });
      expect(await rows(dataset('t.txt', [near]))).to.deep.equal([
        [10, 0xc3, 0xa9],
        [0xc3, 0xa9, 10],
        [0xa9, 10, 10],
      ]);
    });

    it('continuous text is stored once, rows are views', async () => {
      b.file('t.txt', '\ufeffab\r\nbaé');
      const x = column('x', text('text', 'char', -2, -1), { type: 'class', classes: 4, shape: [2] });
      const y = column('y', text('text', 'char', 0, 0), { type: 'class', classes: 4 });
      const prepared = await b.prepare(dataset('t.txt', [x, y], { stride: 2 }));
      expect(prepared.rows).to.equal(2);
      expect(prepared.columns[0]).to.include({
        alphabet: '\nabé',
        alphabetStart: 0,
        file: 'd.bin',
        start: 0,
        stride: 2,
        bytes: 6,
      });
      expect(prepared.columns[1]).to.include({ file: 'd.bin', start: 2, root: prepared.columns[0]!.root });
      expect(prepared.columns[0]!.dims).to.deep.equal([6]);
      expect([0, 1].map((row) => b.row(prepared.columns[0]!, row))).to.deep.equal([
        [1, 2],
        [0, 2],
      ]);
      expect([0, 1].map((row) => b.row(prepared.columns[1]!, row))).to.deep.equal([[0], [1]]);
    });

    it('every stride and window stays inside and wastes no row', async () => {
      b.file('t.txt', 'abcdefghij');
      for (const [first, last, stride] of [
        [0, 3, 1],
        [0, 3, 4],
        [-3, 0, 3],
        [2, 4, 2],
        [-4, -2, 1],
        [0, 9, 1],
      ] as const) {
        const x = column('x', text('text', 'byte', first, last), { type: 'i32', shape: [last - first + 1] });
        const { rows: found, columns } = await b.prepare(dataset('t.txt', [x], { stride }));
        // By the definition: positions from the first at which every column is inside, in steps, while it stays inside.
        const positions = [];
        for (let p = Math.max(0, -first); p + Math.max(0, last) < 10; p += stride) positions.push(p);
        expect(found).to.equal(positions.length);
        positions.forEach((p, row) => {
          const want = Array.from({ length: last - first + 1 }, (_, i) =>
            'abcdefghij'.charCodeAt(p + first + i),
          );
          expect(b.row(columns[0]!, row)).to.deep.equal(want);
        });
      }
    });

    it('takes code points, not UTF-16 units, across chunks', async () => {
      b.file('t.txt', '😀é'.repeat(100000));
      const x = column('x', text('text', 'char', 0, 1), { type: 'class', classes: 2, shape: [2] });
      const prepared = await b.prepare(dataset('t.txt', [x], { stride: 2 }));
      expect(prepared.rows).to.equal(100000);
      expect(prepared.columns[0]).to.include({ alphabet: 'é😀', bytes: 200000 });
      expect(b.row(prepared.columns[0]!, 99999)).to.deep.equal([1, 0]);
    });

    it('uses the alphabet given', async () => {
      b.file('t.txt', 'cab');
      const x = column('x', text('text', 'char', 0, 0), { type: 'class', classes: 5 });
      expect(await rows(dataset('t.txt', [x], { alphabet: 'edcba' }))).to.deep.equal([[2], [4], [3]]);
    });
  });
});
