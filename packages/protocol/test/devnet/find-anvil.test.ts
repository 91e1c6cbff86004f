import { expect } from 'chai';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findAnvil } from '../../src/devnet/find-anvil.js';
import { codeOf } from '../code-of.js';

describe('findAnvil', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gensyn-anvil-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes what GENSYN_ANVIL names before all else', () => {
    const named = join(folder, 'mine');
    symlinkSync(process.execPath, named);
    expect(findAnvil({ GENSYN_ANVIL: named, PATH: process.env['PATH'] })).to.equal(named);
  });

  it('refuses a GENSYN_ANVIL that is no program', async () => {
    expect(await codeOf(() => findAnvil({ GENSYN_ANVIL: folder }))).to.equal('N0101');
    expect(await codeOf(() => findAnvil({ GENSYN_ANVIL: join(folder, 'none') }))).to.equal('N0101');
  });

  it('finds the one from npm without a PATH, or else one on the PATH', async () => {
    const program = join(folder, process.platform === 'win32' ? 'anvil.exe' : 'anvil');
    symlinkSync(process.execPath, program);
    const found = findAnvil({ PATH: ['', join(folder, 'none'), folder].join(delimiter) });
    const fromNpm = await codeOf(() => findAnvil({}));
    if (fromNpm === undefined) expect(found).to.match(/@foundry-rs/);
    else expect([found, fromNpm]).to.deep.equal([program, 'N0101']);
  });
});
