/** Image folders: pixels against what was drawn, sizes by hand, and every kind of bad folder. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import pngjs from 'pngjs';
import { expect } from 'chai';
import { GensynError } from '@gensyn/ir';
import { crc32 } from '../../src/data/crc32.js';
import { fitPlanes } from '../../src/data/images/fit.js';
import { readImage } from '../../src/data/images/image-file.js';
import { planesOf } from '../../src/data/images/raster.js';
import { convertImages, type ImageOptions } from '../../src/data/index.js';
import { bench, column, dataset, type Bench } from './declare.js';

type Pixel = readonly [r: number, g: number, b: number, a?: number];

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(0, body));
  return Buffer.concat([length, body, sum]);
}

const MAGIC = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function ihdr(width: number, height: number, [depth, colour, interlace]: readonly number[]): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth!, colour!, 0, 0, interlace!], 8);
  return chunk('IHDR', data);
}

/** A PNG written chunk by chunk, its lines with their filter bytes. */
const rawPng = (header: Buffer, lines: readonly number[], between: readonly Buffer[] = []): Buffer =>
  Buffer.concat([
    MAGIC,
    header,
    ...between,
    chunk('IDAT', deflateSync(Uint8Array.from(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);

function png(width: number, height: number, pixel: (x: number, y: number) => Pixel, colorType = 6): Buffer {
  const image = new pngjs.PNG({ width, height });
  image.data = rgba(width, height, pixel);
  return pngjs.PNG.sync.write(image, { colorType: colorType as 6 });
}

function rgba(width: number, height: number, pixel: (x: number, y: number) => Pixel): Buffer {
  const data = Buffer.alloc(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b, a = 255] = pixel(i % width, Math.floor(i / width));
    data.set([r, g, b, a], 4 * i);
  }
  return data;
}

const jpg = (width: number, height: number, pixel: (x: number, y: number) => Pixel): Buffer =>
  jpeg.encode({ width, height, data: rgba(width, height, pixel) }, 95).data;

const red: Pixel = [255, 0, 0];
const shades = (x: number, y: number): Pixel => [16 * x, 16 * y, 7 * (x + y)];
const changed = (bytes: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
};

describe('images', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gensyn-images-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  function lay(files: Readonly<Record<string, string | Buffer>>): string {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, 'photos', name)), { recursive: true });
      writeFileSync(join(dir, 'photos', name), content);
    }
    return join(dir, 'photos');
  }

  const out = (name = 'photos.npz'): string => join(dir, name);
  const decode = (bytes: Buffer): ReturnType<typeof readImage> => {
    writeFileSync(join(dir, 'picture'), bytes);
    return readImage(join(dir, 'picture'), { file: 'picture' });
  };

  describe('decoding', () => {
    it('gives the pixels of PNG of every colour type', () => {
      for (const colorType of [2, 6])
        expect([...decode(png(5, 3, shades, colorType)).data]).to.deep.equal([...rgba(5, 3, shades)]);
      const grey = (x: number, y: number): Pixel => [x * 9 + y, x * 9 + y, x * 9 + y];
      for (const colorType of [0, 4])
        expect([...decode(png(5, 3, grey, colorType)).data]).to.deep.equal([...rgba(5, 3, grey)]);
    });

    it('reads palettes, single bits, 16 bits and interlaced PNG', () => {
      const palette = chunk('PLTE', Uint8Array.from([9, 8, 7, 200, 100, 50]));
      const transparent = chunk('tRNS', Uint8Array.from([0]));
      // Pixels 0 1 1 0 1 of one bit each.
      const indexed = decode(rawPng(ihdr(5, 1, [1, 3, 0]), [0, 0b01101000], [palette, transparent]));
      expect([...indexed.data]).to.deep.equal(
        [0, 1, 1, 0, 1].flatMap((i) => (i ? [200, 100, 50, 255] : [9, 8, 7, 0])),
      );
      const deep = decode(rawPng(ihdr(2, 1, [16, 0, 0]), [0, 0x80, 0x80, 0xff, 0xff]));
      expect([...deep.data]).to.deep.equal([128, 128, 128, 255, 255, 255, 255, 255]);
      // 3 x 2 pixels, interlaced: passes 1 (0,0), 4 (2,0), 6 (1,0), 7 (row 1).
      const woven = decode(rawPng(ihdr(3, 2, [8, 0, 1]), [0, 10, 0, 30, 0, 20, 0, 40, 50, 60]));
      expect([...woven.data].filter((_, i) => i % 4 === 0)).to.deep.equal([10, 20, 30, 40, 50, 60]);
    });

    it('gives the pixels of JPEG up to what its compression loses', () => {
      const smooth = (x: number, y: number): Pixel => [8 * x, 8 * y, 128];
      const { width, height, data } = decode(jpg(24, 17, smooth));
      expect([width, height]).to.deep.equal([24, 17]);
      const wanted = rgba(24, 17, smooth);
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
      expect(worst).to.be.lessThan(12);
    });

    it('makes grey of colours and lays transparent pixels over the background', () => {
      const data = Uint8Array.from([255, 0, 0, 255, 0, 255, 0, 255, 10, 20, 30, 0, 100, 100, 100, 51]);
      const raster = { width: 4, height: 1, data };
      expect([...planesOf(raster, 1, 0)]).to.deep.equal([76, 150, 0, 20]);
      expect([...planesOf(raster, 1, 255)]).to.deep.equal([76, 150, 255, 224]);
      expect([...planesOf(raster, 3, 0)]).to.deep.equal([255, 0, 0, 20, 0, 255, 0, 20, 0, 0, 0, 20]);
    });
  });

  describe('resizing', () => {
    const plane = Uint8Array.from([0, 10, 20, 30, 40, 50, 60, 70]); // 4 x 2
    const wide = { width: 4, height: 2 };
    const fitted = (to: { width: number; height: number }, fit: ImageOptions['fit'] & string): number[] => [
      ...fitPlanes(plane, 1, wide, to, fit, 0),
    ];

    it('averages areas, parts of pixels by their share', () => {
      expect(fitted({ width: 2, height: 1 }, 'stretch')).to.deep.equal([25, 45]);
      // Each target covers 4/3 pixels: (0 + 10/3) / (4/3) = 2.5, and so on; halves round up.
      expect(fitted({ width: 3, height: 2 }, 'stretch')).to.deep.equal([3, 15, 28, 43, 55, 68]);
      expect(fitted({ width: 8, height: 4 }, 'stretch').slice(0, 8)).to.deep.equal([
        0, 0, 10, 10, 20, 20, 30, 30,
      ]);
    });

    it('crops to the middle and pads around it', () => {
      expect(fitted({ width: 1, height: 1 }, 'crop')).to.deep.equal([35]);
      expect(fitted({ width: 2, height: 2 }, 'crop')).to.deep.equal([10, 20, 50, 60]);
      expect(fitted({ width: 4, height: 4 }, 'pad')).to.deep.equal([0, 0, 0, 0, ...plane, 0, 0, 0, 0]);
    });

    it('keeps one colour whatever the sizes', () => {
      for (const [width, height] of [
        [1, 1],
        [7, 3],
        [5, 64],
        [13, 11],
      ] as const)
        for (const to of [
          { width: 5, height: 5 },
          { width: 1, height: 9 },
        ])
          for (const fit of ['crop', 'stretch'] as const) {
            const source = new Uint8Array(width * height).fill(201);
            const result = fitPlanes(source, 1, { width, height }, to, fit, 0);
            expect(new Set(result)).to.deep.equal(new Set([201]));
          }
    });
  });

  describe('converting', () => {
    let reader: Bench;
    beforeEach(() => (reader = bench()));
    afterEach(() => reader.close());

    it('writes arrays that a job reads, classes by their names', async () => {
      const folder = lay({
        'dog/b.png': png(4, 2, () => [0, 0, 255]),
        'cat/2.PNG': png(4, 2, (x) => [x, 0, 0]),
        'cat/10.png': png(4, 2, () => red, 2),
        'cat/notes.txt': 'a word',
        'cat/.hidden.png': 'no picture',
        'readme.md': 'words',
      });
      const converted = await convertImages(folder, { out: join(reader.dir, 'photos.npz') });
      expect(converted.shape).to.deep.equal([3, 3, 2, 4]);
      expect(converted.classes).to.deep.equal([
        { name: 'cat', images: 2 },
        { name: 'dog', images: 1 },
      ]);
      expect(converted.leftOut).to.deep.equal(['cat/notes.txt', 'readme.md']);
      const declared = dataset('photos.npz', [
        column('image', { kind: 'member', name: 'image' }, { shape: [3, 2, 4], divisor: 255 }),
        column(
          'label',
          { kind: 'member', name: 'label' },
          { type: 'class', classes: 2, labels: ['cat', 'dog'] },
        ),
      ]);
      const { columns, rows } = await reader.prepare(declared);
      expect(rows).to.equal(3);
      expect(columns.map(({ storage }) => storage)).to.deep.equal(['u8', 'u8']);
      // Sorted by code unit: 10.png before 2.PNG.
      expect(reader.row(columns[0]!, 0).slice(0, 9)).to.deep.equal([...Array(8).fill(255), 0]);
      expect(reader.row(columns[0]!, 1).slice(0, 9)).to.deep.equal([0, 1, 2, 3, 0, 1, 2, 3, 0]);
      expect([0, 1, 2].flatMap((row) => reader.row(columns[1]!, row))).to.deep.equal([0, 0, 1]);
      expect(columns[1]!.labels).to.deep.equal(['cat', 'dog']);
    });

    it('gives the same bytes again, and one file for each array as .npy', async () => {
      const folder = lay({ 'a/1.png': png(4, 4, shades), 'b/1.jpg': jpg(9, 5, shades) });
      const options = { size: { width: 4, height: 3 }, channels: 1 } as const;
      await convertImages(folder, { ...options, out: out('1.npz') });
      await convertImages(folder, { ...options, out: out('2.npz') });
      expect(readFileSync(out('1.npz')).equals(readFileSync(out('2.npz')))).to.equal(true);
      const { files } = await convertImages(folder, { ...options, out: out('x.npy') });
      expect(files).to.deep.equal([out('x.npy'), out('x.label.npy')]);
      const declared = dataset(out('x.npy'), [
        column('image', { kind: 'whole' }, { shape: [12] }),
        column('label', { kind: 'whole' }, { type: 'class', classes: 2, path: out('x.label.npy') }),
      ]);
      const { columns } = await reader.prepare(declared);
      expect(readFileSync(out('1.npz')).includes(Buffer.from(reader.row(columns[0]!, 1)))).to.equal(true);
      expect(reader.row(columns[1]!, 1)).to.deep.equal([1]);
    });

    it('is grey by itself only if every file is', async () => {
      const grey = png(2, 2, () => [7, 7, 7], 0);
      const folder = lay({ 'a/1.png': grey, 'b/1.png': grey });
      expect((await convertImages(folder, { out: out() })).shape).to.deep.equal([2, 1, 2, 2]);
      lay({ 'b/2.png': png(2, 2, () => red) });
      expect((await convertImages(folder, { out: out() })).shape).to.deep.equal([3, 3, 2, 2]);
    });
  });

  const good = png(4, 4, shades);
  const photo = jpg(40, 40, shades);
  const sof = photo.indexOf('\xff\xc0', 'latin1');
  const wide = (bytes: Buffer, at: number, width: number, height: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt16BE(height, at + 5);
    copy.writeUInt16BE(width, at + 7);
    return copy;
  };
  const long = deflateSync(Buffer.alloc(64 * 2 ** 20));
  const bomb = (interlace: number): Buffer =>
    Buffer.concat([
      MAGIC,
      ihdr(4, 4, [8, 0, interlace]),
      chunk('IDAT', long),
      chunk('IEND', Buffer.alloc(0)),
    ]);

  /** The second file of class b. */
  const files: readonly (readonly [code: string, what: string, content: Buffer | string, name?: string])[] = [
    ['D0171', 'a text', 'hello, world'],
    ['D0171', 'a GIF', 'GIF89a......', 'x.gif'],
    ['D0171', 'a WebP called PNG', 'RIFF\0\0\0\0WEBPVP8 '],
    ['D0171', 'an arithmetically coded JPEG', changed(photo, sof + 1, 0xc9), 'x.jpg'],
    ['D0171', 'a JPEG of 12 bits', changed(photo, sof + 4, 12), 'x.jpg'],
    ['D0172', 'an empty file', ''],
    ['D0172', 'a PNG cut in its header', good.subarray(0, 20)],
    ['D0172', 'a PNG cut in its data', good.subarray(0, good.length - 20)],
    ['D0172', 'a PNG without its end', good.subarray(0, good.length - 12)],
    ['D0172', 'a PNG with a wrong checksum', changed(good, good.indexOf('IDAT') + 8, 1)],
    ['D0172', 'a PNG with an unknown colour type', rawPng(ihdr(4, 4, [8, 5, 0]), [0])],
    ['D0172', 'a PNG of no pixels', rawPng(ihdr(0, 4, [8, 0, 0]), [0])],
    ['D0172', 'a PNG with fewer lines', rawPng(ihdr(4, 4, [8, 0, 0]), [0, 1, 2, 3, 4])],
    ['D0172', 'a PNG with a filter that there is not', rawPng(ihdr(2, 1, [8, 0, 0]), [9, 1, 2])],
    ['D0172', 'a PNG whose data is a bomb', bomb(0)],
    ['D0172', 'an interlaced PNG whose data is a bomb', bomb(1)],
    ['D0172', 'a JPEG cut in its header', photo.subarray(0, sof + 3), 'x.jpg'],
    ['D0172', 'a JPEG cut in its data', photo.subarray(0, photo.length - 100), 'x.jpg'],
    ['D0172', 'a JPEG of its first two bytes', photo.subarray(0, 2), 'x.jpg'],
    ['D0172', 'a JPEG without tables', Buffer.concat([photo.subarray(0, 20), photo.subarray(sof)]), 'x.jpg'],
    [
      'D0172',
      'a JPEG of very many scans',
      Buffer.concat([photo.subarray(0, -2), Buffer.alloc(400, '\xff\xda', 'latin1')]),
      'x.jpg',
    ],
    ['D0174', 'a PNG that claims 2^62 pixels', rawPng(ihdr(2 ** 31, 2 ** 31, [8, 0, 0]), [0])],
    ['D0174', 'a PNG a little too large', rawPng(ihdr(8192, 4097, [1, 0, 0]), [0])],
    ['D0174', 'a JPEG that claims 65535 x 65535', wide(photo, sof, 65535, 65535), 'x.jpg'],
  ];
  for (const [code, what, content, name = 'x.png'] of files) {
    it(`refuses ${what} (${code})`, async () => {
      const folder = lay({ 'a/1.png': good, 'b/1.png': good, [`b/${name}`]: content });
      const error = await refusal(folder, { out: out(), size: { width: 4, height: 4 } });
      expect(error.code, error.message).to.equal(code);
      expect(error.message).to.include(join('b', name));
      expect(error.help).to.be.a('string');
      expect(readdirSync(dir)).to.deep.equal(['photos']);
    });
  }

  const layouts: readonly (readonly [
    code: string,
    what: string,
    files: Readonly<Record<string, string | Buffer>>,
    change?: ((folder: string) => void) | undefined,
    options?: Partial<ImageOptions>,
  ])[] = [
    ['D0170', 'an empty class', { 'a/1.png': good, 'b/notes.txt': 'x' }],
    ['D0170', 'a single class', { 'a/1.png': good }],
    ['D0170', 'no class', { 'notes.txt': 'x' }],
    ['D0170', 'a picture outside of any class', { 'a/1.png': good, 'b/1.png': good, '1.png': good }],
    ['D0170', 'a folder inside a class', { 'a/1.png': good, 'b/1.png': good, 'b/c/1.png': good }],
    ['D0173', 'pictures of two sizes', { 'a/1.png': good, 'b/1.png': png(4, 5, shades) }],
    [
      'D0175',
      'a linked picture',
      { 'a/1.png': good, 'b/1.png': good },
      (folder) => symlinkSync('/etc/hostname', join(folder, 'b/2.png')),
    ],
    [
      'D0175',
      'a linked class',
      { 'a/1.png': good, 'b/1.png': good },
      (folder) => symlinkSync('.', join(folder, 'c')),
    ],
    [
      'D0160',
      'an output that cannot be',
      { 'a/1.png': good, 'b/1.png': good },
      undefined,
      { out: '/nowhere/x.npz' },
    ],
    ['D0176', 'an output of another kind', { 'a/1.png': good, 'b/1.png': good }, undefined, { out: 'x.zip' }],
  ];
  for (const [code, what, laid, change, options] of layouts) {
    it(`refuses ${what} (${code})`, async () => {
      const folder = lay(laid);
      change?.(folder);
      const error = await refusal(folder, { out: out(), ...options });
      expect(error.code, error.message).to.equal(code);
      expect(readdirSync(dir)).to.deep.equal(['photos']);
    });
  }

  it('refuses a folder that is missing, or a file', async () => {
    expect((await refusal(join(dir, 'no'), { out: out() })).code).to.equal('D0101');
    writeFileSync(join(dir, 'file'), 'x');
    expect((await refusal(join(dir, 'file'), { out: out() })).code).to.equal('D0170');
  });

  it('lets only named errors escape from damaged pictures', () => {
    for (const whole of [good, photo, png(7, 5, shades, 2)])
      for (let i = 0; i < 120; i++) {
        const bytes = Buffer.from(whole);
        for (let k = 0; k <= i % 3; k++)
          bytes[(i * 7919 + k * 104729) % bytes.length]! ^= 1 + ((i * 31 + k) % 255);
        try {
          decode(bytes.subarray(0, bytes.length - (i % 5 === 0 ? i : 0)));
        } catch (error) {
          expect(error).to.be.instanceOf(GensynError);
        }
      }
  });

  async function refusal(folder: string, options: ImageOptions): Promise<GensynError> {
    try {
      await convertImages(folder, options);
    } catch (error) {
      expect(error).to.be.instanceOf(GensynError);
      return error as GensynError;
    }
    return expect.fail('was accepted');
  }
});
