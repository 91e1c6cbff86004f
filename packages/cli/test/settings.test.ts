/** Settings by rank. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { readSettings } from '../src/settings.js';
import { gensyn, temporaryFolder } from './gensyn.js';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof GensynError) return error.code;
    throw error;
  }
  return 'none';
}

describe('settings', () => {
  const folder = temporaryFolder();
  const inner = join(folder, 'a', 'b');
  const home = join(folder, 'home');
  mkdirSync(inner, { recursive: true });
  mkdirSync(join(home, 'gensyn'), { recursive: true });
  writeFileSync(join(folder, 'gensyn.toml'), 'threads = 3\nout = "results"\n');
  writeFileSync(join(home, 'gensyn', 'config.toml'), 'threads = 2\nkeep = "all"\ndevice = "webgpu"\n');
  const env = { XDG_CONFIG_HOME: home };

  it('take the user file last', async () => {
    expect(await readSettings({}, env, join(folder, 'home'))).to.include({ device: 'webgpu', keep: 'all' });
  });

  it('take the nearest gensyn.toml before it, with paths from its folder', async () => {
    expect(await readSettings({}, env, inner)).to.deep.equal({
      device: 'webgpu',
      threads: 3,
      out: join(folder, 'results'),
      keep: 'all',
    });
    writeFileSync(join(folder, 'a', 'gensyn.toml'), 'threads = 5\n');
    expect(await readSettings({}, env, inner)).to.include({ threads: 5 });
  });

  it('take variables before files, and options before variables', async () => {
    const variables = { ...env, GENSYN_THREADS: '7', GENSYN_DEVICE: 'cpu' };
    expect(await readSettings({}, variables, inner)).to.include({ threads: 7, device: 'cpu' });
    expect(await readSettings({ threads: 9 }, variables, inner)).to.include({ threads: 9, device: 'cpu' });
  });

  it('refuse what they cannot be', async () => {
    const none = { XDG_CONFIG_HOME: '/nonexistent' };
    expect(await codeOf(readSettings({}, { ...none, GENSYN_THREADS: '0' }, '/'))).to.equal('U0302');
    expect(await codeOf(readSettings({}, { ...none, GENSYN_DEVICE: 'abacus' }, '/'))).to.equal('U0302');
    expect(await codeOf(readSettings({ keep: 'some' }, none, '/'))).to.equal('U0302');
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'gensyn.toml'), 'threads = \n');
    expect(await codeOf(readSettings({}, none, broken))).to.equal('U0301');
    writeFileSync(join(broken, 'gensyn.toml'), 'treads = 3\n');
    expect(await codeOf(readSettings({}, none, broken))).to.equal('U0302');
    const { code, stderr } = await gensyn(['verify'], { cwd: broken });
    expect(code).to.equal(2);
    expect(stderr).to.include('U0302').and.include('treads');
  });
});
