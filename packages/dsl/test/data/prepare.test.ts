/** Preparation as a whole: same bytes every time, the stamp, files that appear complete or not at all, bounded memory. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tensorRoot } from '@gensyn/ir';
import { expect } from 'chai';
import { prepareDataset } from '../../src/data/index.js';
import { bench, column, dataset, fields, type Bench } from './declare.js';

describe('prepareDataset', () => {
  let b: Bench;
  beforeEach(() => {
    b = bench();
  });
  afterEach(() => b.close());

  const declared = dataset('a.csv', [
    column('x', fields(0, 1), { shape: [2], divisor: 16, offset: 1 }),
    column('y', fields(2), { type: 'class', classes: 3 }),
  ]);
  const csv = '1,2.5,0\n3,4,2\n';
  const contents = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(join(b.dir, 'out')).map((name) => [name, readFileSync(join(b.dir, 'out', name), 'hex')]),
    );

  it('writes the files that docs/data.md describes', async () => {
    b.file('a.csv', csv);
    const { columns } = await b.prepare(declared);
    expect(contents()).to.have.all.keys('d.x.bin', 'd.y.bin', 'd.stamp.json');
    const x = readFileSync(join(b.dir, 'out/d.x.bin'));
    expect(x.toString('hex')).to.equal('0000803f000020400000404000008040');
    expect(columns[0]!.root).to.equal(Buffer.from(tensorRoot('f32', [2, 2], x)).toString('hex'));
    expect(contents()['d.y.bin']).to.equal('0002');
    expect(columns[0]).to.include({ divisor: 16, offset: 1, min: 1, max: 4, tiny: 1, quantum: 0.5 });
  });

  it('gives the same bytes again, in another folder and at another time', async () => {
    b.file('a.csv', csv);
    await b.prepare(declared);
    const first = contents();
    rmSync(join(b.dir, 'out'), { recursive: true });
    utimesSync(join(b.dir, 'a.csv'), 1, 1);
    await b.prepare(declared);
    expect(contents()).to.deep.equal(first);
  });

  it('does nothing when the stamp fits, and everything when it does not', async () => {
    b.file('a.csv', csv);
    const first = await b.prepare(declared);
    const file = join(b.dir, 'out/d.x.bin');
    utimesSync(file, 1, 1);
    expect(await b.prepare(declared)).to.deep.equal(first);
    expect(statSync(file).mtimeMs).to.equal(1000);

    // The same size, another content: found by its hash.
    b.file('a.csv', csv.replace('3', '7'));
    expect((await b.prepare(declared)).root).to.not.equal(first.root);
    // Another declaration.
    const wider = { ...declared, columns: [{ ...declared.columns[0]!, divisor: 8 }, declared.columns[1]!] };
    expect((await b.prepare(wider)).columns[0]!.divisor).to.equal(8);
    // A column file cut by someone, a stamp that is none.
    truncateSync(file, 3);
    await b.prepare(wider);
    expect(statSync(file).size).to.equal(16);
    b.file('out/d.stamp.json', '{"key": 1');
    expect((await b.prepare(wider)).rows).to.equal(2);
  });

  it('leaves earlier files alone when the new source is refused', async () => {
    b.file('a.csv', csv);
    await b.prepare(declared);
    const before = contents();
    b.file('a.csv', `${csv}1,2,oops\n`);
    expect((await b.refuse(declared)).code).to.equal('D0113');
    expect(contents()).to.deep.equal(before);
  });

  it('looks in further folders after that of the job', async () => {
    b.file('a.csv', csv);
    const options = { baseDir: '/nowhere', outDir: join(b.dir, 'out'), searchDirs: ['/neither', b.dir] };
    expect((await prepareDataset(declared, options)).rows).to.equal(2);
  });

  it('streams: memory stays far below the size of the data', async () => {
    // 200 MiB of records, of which one byte each is kept.
    const record = Buffer.from(`7,${'x'.repeat(65533)}\n`);
    b.file('big.csv.gz', gzipSync(Buffer.alloc(3200 * record.length, record), { level: 9 }));
    // In a process of its own, whose peak nothing else has raised.
    const script = `
      import { prepareDataset } from ${JSON.stringify(new URL('../../src/data/index.js', import.meta.url).href)};
      const [declared, options] = JSON.parse(process.argv[1]);
      const before = process.memoryUsage.rss();
      let peak = 0;
      const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 1);
      const { rows } = await prepareDataset(declared, options);
      clearInterval(timer);
      console.log(JSON.stringify({ rows, grown: peak - before }));`;
    const big = dataset('big.csv.gz', [column('x', fields(0))]);
    const options = { baseDir: b.dir, outDir: join(b.dir, 'out'), searchDirs: [] };
    const output = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', script, JSON.stringify([big, options])],
      { encoding: 'utf8' },
    );
    const { rows, grown } = JSON.parse(output) as { rows: number; grown: number };
    expect(rows).to.equal(3200);
    expect(grown)
      .to.be.greaterThan(0)
      .and.lessThan(100 * 2 ** 20);
  }).timeout(60000);
});
