/** The embedded store gives files the CIDs that IPFS gives them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openStore, type Store } from '../../src/index.js';
import { samples } from './sample-files.js';

describe('CIDs', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-cids-'));
  let store: Store;
  before(async () => void (store = await openStore(folder)));
  after(() => fs.rmSync(folder, { recursive: true }));

  for (const { name, files, cid } of samples)
    it(`of ${name}`, async () => {
      expect(await store.add(files)).equal(cid);
    });

  it('do not depend on the order of the files, nor on where they lie', async () => {
    const { files, cid } = samples[1]!;
    const onDisk = files.map(({ path: name, content }, i) => {
      const file = path.join(folder, `file-${i}`);
      fs.writeFileSync(file, content as Uint8Array);
      return { path: name, content: { file } };
    });
    expect(await store.add(onDisk.reverse())).equal(cid);
  });

  it('of what people have added elsewhere', async () => {
    // As published for the empty file and for `hello world` by Kubo.
    await store.add([
      { path: 'empty', content: new Uint8Array() },
      { path: 'hello', content: Buffer.from('hello world') },
    ]);
    const blocks = fs.readdirSync(path.join(folder, 'blocks'), { recursive: true }).map(String);
    for (const known of [
      'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
      'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    ])
      expect(blocks.some((name) => path.basename(name) === known)).equal(true);
  });
});
