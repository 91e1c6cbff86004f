/** Bad data: each case ends in one GensynError of a known code that names the place. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { dataExplanations } from '../../src/data/index.js';
import type { Column, ColumnSource, Dataset } from '../../src/semantics/program.js';
import { bench, column, dataset, fields, named, whole, type Bench } from './declare.js';

const fixtures = fileURLToPath(new URL('../../../test/data/fixtures', import.meta.url));
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

const x = column('x', fields(0));
const kind = column('kind', fields(0), { type: 'class', classes: 3 });
const integer = column('n', fields(0), { type: 'i32' });
const pixels = column('pixels', whole, { shape: [3] });
const chars = (unit: 'line' | 'text', first = 0, last = 0): ColumnSource => ({
  kind: 'text',
  level: 'char',
  unit,
  first,
  last,
});
const text = column('t', chars('text'), { type: 'i32' });
const header = { header: true };
const digits = gzipSync(Buffer.from('1\n2\n3\n'.repeat(1000)));
const changed = (bytes: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
};

const member = column('x', { kind: 'member', name: 'x' }, { shape: [3] });
/** Where the first entry of the directory of stored.npz begins. */
const directory = fixture('stored.npz').indexOf('PK\x01\x02');

/** Expands to a little more than is allowed. */
const bomb = gzipSync(Buffer.concat([Buffer.from('0000080110100000', 'hex'), Buffer.alloc(257 * 2 ** 20)]));

type Case = readonly [
  code: string,
  what: string,
  file: string,
  content: string | Buffer,
  columns: readonly Column[],
  more?: Partial<Dataset>,
  says?: string,
];

const cases: readonly Case[] = [
  ['D0103', 'an empty file', 'a.csv', '', [x]],
  ['D0103', 'blank lines only', 'a.csv', '\n\n\n', [x]],
  ['D0103', 'a header only', 'a.csv', 'x,y\n', [column('x', named('x'))], header],
  ['D0104', '.gz that is no gzip', 'a.csv.gz', '1\n2\n', [x]],
  ['D0104', 'gzip cut in the middle', 'a.csv.gz', digits.subarray(0, digits.length - 12), [x]],
  ['D0104', 'gzip cut after ten bytes', 'a.csv.gz', digits.subarray(0, 10), [x]],
  ['D0104', 'gzip with a wrong checksum', 'a.csv.gz', changed(digits, digits.length - 8, 1), [x]],
  ['D0105', 'an archive bomb', 'a.idx.gz', bomb, [column('x', whole)]],
  ['D0106', 'whole of a csv file', 'a.csv', '1\n', [column('x', whole)]],
  ['D0106', 'a member of a csv file', 'a.csv', '1\n', [column('x', { kind: 'member', name: 'x' })]],
  ['D0106', 'an unknown format', 'a.bin', 'hello, world', [column('x', whole)]],
  ['D0106', 'text and columns of one file', 'a.txt', 'abc', [text, x]],
  ['D0106', 'chars of line and of text', 'a.txt', 'abc', [text, column('u', chars('line'), { type: 'i32' })]],
  ['D0106', 'named columns of an array', 'x.npy', fixture('f4le.npy'), [column('x', named('a'))]],
  ['D0106', 'whole of an npz file', 'x.npz', fixture('stored.npz'), [pixels]],
  ['D0107', 'a URL', 'a.csv', '1', [column('x', fields(0), { path: 'https://example.com/a.csv' })]],
  ['D0110', 'a header that is none', 'a.csv', '1,2\n3,4\n', [x], header, 'line 1'],
  ['D0110', 'a row of data in place of a header', 'a.csv', '0,0,5\n3,4,5\n', [x], header, 'line 1'],
  ['D0110', 'names without a header', 'a.csv', 'x\n1\n', [column('x', named('x'))]],
  ['D0111', 'an unknown name', 'a.csv', 'width,height\n1,2\n', [column('x', named('widht'))], header],
  ['D0111', 'an ambiguous name', 'a.csv', 'x,x\n1,2\n', [column('x', named('x'))], header],
  ['D0112', 'a missing field', 'a.csv', '1,2\n3,4\n5\n', [x], {}, 'line 3'],
  ['D0112', 'an extra field', 'a.csv', '1,2\n\n3,4,5\n', [x], {}, 'line 3'],
  ['D0113', 'an empty field', 'a.csv', '1,2\n,4\n', [x], {}, 'line 2, field 1'],
  ['D0113', 'a word', 'a.csv', '1\n2\nthree\n', [x], {}, 'line 3, field 1'],
  ['D0113', 'a hexadecimal number', 'a.csv', '0x10\n', [x]],
  ['D0113', 'two numbers in a field', 'a.csv', '1 2\n', [x]],
  ['D0113', 'a header read as data', 'a.csv', 'x\n1\n', [x], {}, 'line 1'],
  ['D0113', 'bytes that are not text', 'a.csv', Buffer.from([0xff, 0x00, 0x0a]), [x]],
  ['D0114', 'an open quote', 'a.csv', '1\n"2\n3\n', [x], {}, 'line'],
  ['D0114', 'text after a quote', 'a.csv', '1\n"2"3\n', [x], {}, 'line 2'],
  ['D0114', 'a record without an end', 'a.csv', Buffer.alloc(20 * 2 ** 20, '1,'), [x]],
  ['D0115', 'a column too many', 'a.csv', '1,2\n', [column('x', fields(2))]],
  ['D0115', 'a range backwards', 'a.csv', '1,2\n', [column('x', fields(1, 0))]],
  ['D0115', 'an element too many', 'x.npy', fixture('f4le.npy'), [column('x', fields(3))]],
  ['D0116', 'a long separator', 'a.csv', '1,2\n', [x], { separator: '||' }],
  ['D0120', 'idx with a wrong magic', 'x.idx', Buffer.from('<html>not found</html>'), [pixels]],
  ['D0120', 'npy with a wrong magic', 'x.npy', changed(fixture('f4le.npy'), 1, 0), [pixels]],
  ['D0121', 'idx with an unknown type', 'x.idx', Buffer.from('0000070100000000', 'hex'), [pixels]],
  ['D0121', 'idx of rank 0', 'x.idx', Buffer.from('0000080000', 'hex'), [pixels]],
  ['D0121', 'idx of rank 200', 'x.idx', Buffer.from('000008c800', 'hex'), [pixels]],
  ['D0121', 'a record npy', 'x.npy', fixture('record.npy'), [pixels]],
  ['D0121', 'a complex npy', 'x.npy', fixture('complex.npy'), [pixels]],
  ['D0121', 'Fortran order', 'x.npy', fixture('fortran.npy'), [pixels]],
  ['D0121', 'npy version 9', 'x.npy', changed(fixture('f4le.npy'), 6, 9), [pixels]],
  ['D0122', 'a scalar npy', 'x.npy', fixture('scalar.npy'), [x]],
  [
    'D0103',
    'an npy with rows of nothing',
    'x.npy',
    Buffer.from(fixture('none.npy').toString('latin1').replace('(0, 3)', '(3, 0)'), 'latin1'),
    [pixels],
  ],
  ['D0103', 'an npy without rows', 'x.npy', fixture('none.npy'), [pixels]],
  ['D0122', 'idx cut', 'x.idx', Buffer.from('000008010000000401020', 'hex'), [pixels]],
  ['D0122', 'idx too long', 'x.idx', Buffer.from('00000801000000010102', 'hex'), [column('x', whole)]],
  ['D0122', 'idx cut in its header', 'x.idx', Buffer.from('000008030000', 'hex'), [pixels]],
  [
    'D0122',
    'idx that claims 2^56 bytes',
    'x.idx',
    Buffer.from('00000e03ffffffffffffffffffffffff00', 'hex'),
    [pixels],
  ],
  [
    'D0122',
    'gzipped idx that claims 4 GB',
    'x.idx.gz',
    gzipSync(Buffer.from('00000801ffffffff00', 'hex')),
    [pixels],
  ],
  [
    'D0122',
    'gzipped idx cut before it was compressed',
    'x.idx.gz',
    gzipSync(Buffer.from('000008010000000400', 'hex')),
    [column('x', whole)],
  ],
  [
    'D0122',
    'gzipped idx too long',
    'x.idx.gz',
    gzipSync(Buffer.from('00000801000000010102', 'hex')),
    [column('x', whole)],
  ],
  ['D0122', 'npy cut', 'x.npy', fixture('f4le.npy').subarray(0, 140), [pixels]],
  ['D0122', 'npy cut in its header', 'x.npy', fixture('f4le.npy').subarray(0, 60), [pixels]],
  [
    'D0122',
    'npy that claims more rows',
    'x.npy',
    Buffer.from(fixture('f4le.npy').toString('latin1').replace('(2, 3)', '(9, 3)'), 'latin1'),
    [pixels],
  ],
  ['D0123', 'npy with a header of 4 GB', 'x.npy', changed(fixture('v2.npy'), 11, 255), [pixels]],
  [
    'D0123',
    'npy without shape',
    'x.npy',
    Buffer.from(fixture('f4le.npy').toString('latin1').replace('shape', 'shope'), 'latin1'),
    [pixels],
  ],
  [
    'D0123',
    'npy with a negative shape',
    'x.npy',
    Buffer.from(fixture('f4le.npy').toString('latin1').replace('(2, 3)', '(-2,3)'), 'latin1'),
    [pixels],
  ],
  [
    'D0124',
    'npz cut',
    'x.npz',
    fixture('stored.npz').subarray(0, 300),
    [column('x', { kind: 'member', name: 'x' })],
  ],
  [
    'D0124',
    'npz that is none',
    'x.npz',
    Buffer.from('no zip at all'),
    [column('x', { kind: 'member', name: 'x' })],
  ],
  [
    'D0124',
    'npz with a changed byte',
    'x.npz',
    changed(fixture('stored.npz'), 188, 77),
    [column('x', { kind: 'member', name: 'x' }, { shape: [3] })],
  ],
  [
    'D0125',
    'an unknown member',
    'x.npz',
    fixture('stored.npz'),
    [column('x', { kind: 'member', name: 'z' })],
  ],
  ['D0126', 'an encrypted member', 'x.npz', changed(fixture('stored.npz'), directory + 8, 1), [member]],
  [
    'D0126',
    'a member compressed by LZMA',
    'x.npz',
    changed(fixture('stored.npz'), directory + 10, 14),
    [member],
  ],
  [
    'D0132',
    'a line without an end',
    't.txt',
    'a'.repeat(2 ** 20 + 1),
    [column('t', chars('line'), { type: 'i32' })],
  ],
  ['D0130', 'text that is Latin-1', 't.txt', Buffer.from('caf\xe9 au lait', 'latin1'), [text], {}, 'byte 4'],
  ['D0130', 'text that is UTF-16', 't.txt', Buffer.from('\ufeffhello', 'utf16le'), [text]],
  ['D0130', 'a csv file that is UTF-16', 'a.csv', Buffer.from('\ufeff1,2', 'utf16le'), [x]],
  ['D0130', 'text cut inside a character', 't.txt', Buffer.from([0x61, 0xe2, 0x82]), [text]],
  ['D0130', 'an overlong character', 't.txt', Buffer.from([0xc0, 0x80]), [text]],
  ['D0130', 'a surrogate', 't.txt', Buffer.from([0xed, 0xa0, 0x80]), [text]],
  [
    'D0131',
    'text shorter than a row',
    't.txt',
    'abc',
    [column('t', chars('text', 0, 3), { type: 'i32', shape: [4] })],
  ],
  [
    'D0133',
    'a character outside the alphabet',
    't.txt',
    'ab\nac',
    [column('t', chars('line'), { type: 'i32' })],
    { alphabet: 'ab' },
    'line 2, character 2',
  ],
  ['D0133', 'an alphabet with a character twice', 't.txt', 'ab', [text], { alphabet: 'aba' }],
  [
    'D0134',
    'more characters than classes',
    't.txt',
    'abcd',
    [column('t', chars('text'), { type: 'class', classes: 3 })],
  ],
  [
    'D0134',
    'no class left for the boundary',
    't.txt',
    'abc',
    [column('t', chars('line'), { type: 'class', classes: 3 })],
  ],
  ['D0140', 'nan', 'a.csv', '1\nNaN\n', [x], {}, 'line 2'],
  ['D0140', 'infinity', 'a.csv', '-inf\n', [x]],
  [
    'D0140',
    'a NaN of npy',
    'x.npy',
    changed(changed(fixture('f4le.npy'), 151, 0x7f), 150, 0xc0),
    [pixels],
    {},
    'row 1, element 2',
  ],
  ['D0140', 'a bool that is 7', 'x.npy', changed(fixture('b1.npy'), 133, 7), [pixels]],
  ['D0141', 'a fraction among classes', 'a.csv', '1\n1.5\n', [kind], {}, 'line 2'],
  ['D0141', 'a fraction among integers', 'a.csv', '1\n1.5\n', [integer]],
  ['D0142', 'a class too high', 'a.csv', '0\n3\n', [kind], {}, 'line 2'],
  ['D0142', 'a class below zero', 'a.csv', '-1\n', [kind]],
  [
    'D0142',
    'a class too high in an array',
    'x.npy',
    fixture('u1.npy'),
    [column('x', whole, { type: 'class', classes: 100, shape: [3] })],
    {},
    'row 1, element 2',
  ],
  [
    'D0142',
    'an unknown label',
    'a.csv',
    'cat\ndgo\n',
    [column('x', fields(0), { type: 'class', classes: 2, labels: ['cat', 'dog'] })],
    {},
    'line 2',
  ],
  [
    'D0142',
    'a byte beyond the classes',
    't.txt',
    'a~',
    [
      column(
        't',
        { kind: 'text', level: 'byte', unit: 'text', first: 0, last: 0 },
        { type: 'class', classes: 100 },
      ),
    ],
  ],
  ['D0143', 'an integer of 33 bits', 'a.csv', '2147483648\n', [integer]],
  ['D0144', 'a number beyond f32', 'a.csv', '1\n3.5e38\n', [x], {}, 'line 2'],
  ['D0144', 'a number beyond double', 'a.csv', '1e999\n', [x]],
  ['D0150', 'a column of the wrong width', 'a.csv', '1,2,3\n', [column('x', fields(0, 2), { shape: [2] })]],
  [
    'D0150',
    'an array of the wrong width',
    'x.npy',
    fixture('f4le.npy'),
    [column('x', whole, { shape: [4] })],
  ],
  [
    'D0150',
    'a window of the wrong length',
    't.txt',
    'abc',
    [column('t', chars('text', 0, 1), { type: 'i32', shape: [3] })],
  ],
  [
    'D0151',
    'columns of different length',
    'a.csv',
    '1\n2\n3\n',
    [x, column('y', whole, { shape: [3], path: '../x.npy' })],
  ],
];

describe('refused data', () => {
  let b: Bench;
  beforeEach(() => {
    b = bench();
  });
  afterEach(() => b.close());

  for (const [code, what, file, content, columns, more, says] of cases) {
    it(`${code} ${what}`, async () => {
      const other = columns.find((c) => c.path?.startsWith('../'));
      if (other) b.file('x.npy', fixture('f4le.npy'));
      b.file(file, content);
      const declared = columns.map((c) => (c === other ? { ...c, path: 'x.npy' } : c));
      const error = await b.refuse(dataset(file, declared, more));
      expect(error.code, error.message).to.equal(code);
      expect(error.message).to.include(says ?? '');
      expect(error.span).to.not.equal(undefined);
      expect(dataExplanations.map((entry) => entry.code)).to.include(code);
      // Nothing half-made stays behind.
      const out = join(b.dir, 'out');
      expect(readdirSync(b.dir).includes('out') ? readdirSync(out) : []).to.deep.equal([]);
    }).timeout(20000);
  }

  it('D0101 a missing file: places tried and the nearest name', async () => {
    b.file('digits.csv', '1');
    const error = await b.refuse(dataset('digit.csv', [x]));
    expect(error.code).to.equal('D0101');
    expect(error.help).to.include('"digits.csv"');
    expect(error.notes[0]!.message).to.include(b.dir);
  });

  it('D0102 a folder', async () => {
    mkdirSync(join(b.dir, 'a.csv'));
    expect((await b.refuse(dataset('a.csv', [x]))).code).to.equal('D0102');
  });

  it('D0160 an output folder that is a file', async () => {
    b.file('a.csv', '1');
    writeFileSync(join(b.dir, 'out'), 'in the way');
    expect((await b.refuse(dataset('a.csv', [x]))).code).to.equal('D0160');
  });

  it('D0124 a zip member that lies about its size', async () => {
    b.file('x.npz', zipOf('x.npy', deflateRawSync(Buffer.alloc(2 ** 20)), 128));
    expect((await b.refuse(dataset('x.npz', [column('x', { kind: 'member', name: 'x' })]))).code).to.equal(
      'D0124',
    );
  }).timeout(20000);

  it('every explanation is of one code', () => {
    const codes = dataExplanations.map((entry) => entry.code);
    expect(new Set(codes).size).to.equal(codes.length);
    expect(codes).to.deep.equal([...codes].sort());
  });
});

/** A zip file of one deflated member that claims `bytes` bytes. */
function zipOf(name: string, deflated: Buffer, bytes: number): Buffer {
  const local = Buffer.alloc(30 + name.length);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  local.write(name, 30);
  const entry = Buffer.alloc(46 + name.length);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(deflated.length, 20);
  entry.writeUInt32LE(bytes, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.write(name, 46);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length + deflated.length, 16);
  return Buffer.concat([local, deflated, entry, end]);
}
