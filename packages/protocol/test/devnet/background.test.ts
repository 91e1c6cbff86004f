/** The chain of `gensyn devnet`: one for a folder, found again, ended for good. */
import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devnetDown, devnetStatus, devnetUp } from '../../src/devnet/background.js';
import { connect } from '../../src/devnet/connect.js';
import { codeOf } from '../code-of.js';

describe('devnetUp and devnetDown', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gensyn-devnet-'))));
  afterEach(async () => {
    await devnetDown(folder);
    rmSync(folder, { recursive: true });
  });

  it('starts one chain, however many ask at once, and ends it', async () => {
    expect(devnetStatus(folder)).to.equal(undefined);
    const all = await Promise.all([devnetUp({}, folder), devnetUp({}, folder), devnetUp({}, folder)]);
    expect(all.filter(({ began }) => began)).to.have.lengthOf(1);
    expect(new Set(all.map(({ pid }) => pid)).size).to.equal(1);
    const { url, chainId } = devnetStatus(folder)!;
    (await connect(url, chainId)).destroy();
    expect((await devnetDown(folder))?.url).to.equal(url);
    expect(await codeOf(() => connect(url))).to.equal('N0201');
    expect(devnetStatus(folder)).to.equal(undefined);
    expect(await devnetDown(folder)).to.equal(undefined);
  });

  it('refuses other options while one is up', async () => {
    await devnetUp({}, folder);
    expect(await codeOf(() => devnetUp({ state: join(folder, 'chain.json') }, folder))).to.equal('N0104');
    expect(await codeOf(() => devnetUp({ port: 1 }, folder))).to.equal('N0104');
  });

  it('writes its state when it ends', async () => {
    const state = join(folder, 'chain.json');
    await devnetUp({ state }, folder);
    await devnetDown(folder);
    expect(JSON.parse(readFileSync(state, 'utf8'))).to.have.property('accounts');
  });

  it('leaves alone a process that has got the number of a chain that is gone', async () => {
    writeFileSync(
      join(folder, 'devnet.json'),
      JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:1', chainId: 31337, since: 0 }),
    );
    expect(devnetStatus(folder)).to.equal(undefined);
    expect(await devnetDown(folder)).to.equal(undefined);
    expect((await devnetUp({}, folder)).began).to.equal(true);
  });

  it('takes a damaged note for none', async () => {
    writeFileSync(join(folder, 'devnet.json'), '{"pid":');
    expect(devnetStatus(folder)).to.equal(undefined);
    await devnetDown(folder);
    expect(existsSync(join(folder, 'devnet.json'))).to.equal(false);
  });

  it('needs a folder that can be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await codeOf(() => devnetUp({}, join(folder, 'file', 'below')))).to.equal('N0106');
  });
});
