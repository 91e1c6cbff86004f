/** Accounts on disk: what goes in comes out, with the right password only, and nothing else is ever written. */
import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import {
  addressOfAccount,
  createAccount,
  importAccount,
  keyOf,
  listAccounts,
  newPassword,
  openAccount,
  passwordOf,
  readAccount,
  removeAccount,
  unlockAccount,
} from '../../src/account/index.js';
import { codeOf } from '../code-of.js';

const KEY = `0x${'7'.repeat(64)}`;
const PHRASE = 'test test test test test test test test test test test junk';

describe('accounts', () => {
  let folder: string;
  const before_ = { accounts: process.env['GENSYN_ACCOUNTS'], file: process.env['GENSYN_PASSWORD_FILE'] };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gensyn-accounts-'));
    process.env['GENSYN_ACCOUNTS'] = folder;
    delete process.env['GENSYN_PASSWORD_FILE'];
  });
  after(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of [
      ['GENSYN_ACCOUNTS', before_.accounts],
      ['GENSYN_PASSWORD_FILE', before_.file],
    ] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('are made, listed, unlocked and removed', async () => {
    const made = await createAccount('solver', 'secret');
    expect(statSync(made.file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(made.file, 'utf8')).to.not.include('secret');
    expect(readdirSync(folder)).to.deep.equal(['solver.json']);
    expect(listAccounts()).to.deep.equal([made]);
    const wallet = await unlockAccount('solver', 'secret');
    expect(wallet.address).to.equal(made.address);
    expect(readFileSync(made.file, 'utf8')).to.not.include(wallet.privateKey.slice(2));
    expect(await codeOf(() => unlockAccount('solver', 'Secret'))).to.equal('N0602');
    expect(await codeOf(() => createAccount('solver', 'other'))).to.equal('N0605');
    expect((await unlockAccount('solver', 'secret')).address).to.equal(made.address);
    removeAccount('solver');
    expect(await codeOf(() => unlockAccount('solver', 'secret'))).to.equal('N0601');
    expect(await codeOf(() => removeAccount('solver'))).to.equal('N0601');
  });

  it('take over keys, phrases and keystores of wallets', async () => {
    const none = (): Promise<string> => Promise.reject(new Error('not asked for'));
    expect(await keyOf(` ${KEY.slice(2)}\n`, none)).to.equal(KEY);
    expect(await keyOf(PHRASE, none)).to.equal(Wallet.fromPhrase(PHRASE).privateKey);
    const { address } = new Wallet(KEY);
    const stored = await encryptKeystoreJson({ address, privateKey: KEY }, 'old', { scrypt: { N: 2 } });
    expect(await keyOf(stored, () => Promise.resolve('old'))).to.equal(KEY);
    expect(await codeOf(() => keyOf(stored, () => Promise.resolve('new')))).to.equal('N0602');
    for (const bad of [
      '',
      '0x12',
      `0x${'0'.repeat(64)}`,
      `0x${'f'.repeat(64)}`,
      `${PHRASE} junk`,
      '{}',
      '[1]',
    ])
      expect(await codeOf(() => keyOf(bad, none)), bad).to.equal('N0607');
    const imported = await importAccount('old', KEY, 'pw');
    expect(imported.address).to.equal(address);
    expect((await unlockAccount('old', 'pw')).privateKey).to.equal(KEY);
  });

  it('refuse damaged and hostile files without paying for them', async () => {
    const { address } = new Wallet(KEY);
    const stored = JSON.parse(
      await encryptKeystoreJson({ address, privateKey: KEY }, 'pw', { scrypt: { N: 2 } }),
    ) as { address: string; Crypto: { kdfparams: Record<string, number>; mac: string } };
    const cases: [string, unknown, string][] = [
      ['half', JSON.stringify(stored).slice(0, 100), 'N0603'],
      ['empty', '', 'N0603'],
      ['other', JSON.stringify({ ...stored, address: '11'.repeat(20) }), 'N0603'],
      ['version', JSON.stringify({ ...stored, version: 1 }), 'N0603'],
      ['large', `${JSON.stringify(stored)}${' '.repeat(100_000)}`, 'N0603'],
      [
        'dear',
        JSON.stringify({
          ...stored,
          Crypto: { ...stored.Crypto, kdfparams: { ...stored.Crypto.kdfparams, n: 2 ** 30 } },
        }),
        'N0603',
      ],
    ];
    for (const [name, text, code] of cases) {
      writeFileSync(join(folder, `${name}.json`), text as string);
      const began = performance.now();
      expect(await codeOf(() => unlockAccount(name, 'pw')), name).to.equal(code);
      expect(performance.now() - began).to.be.below(2000);
    }
    // Those whose address cannot be read are no accounts.
    expect(listAccounts().map(({ name }) => name)).to.deep.equal(['old', 'other']);
  });

  it('have names that stay in their folder', async () => {
    for (const name of ['', '../up', 'a/b', '.hidden', 'devnet:0', 'x'.repeat(65)]) {
      expect(await codeOf(() => createAccount(name, 'pw')), name).to.equal('N0605');
      if (!name.startsWith('devnet')) expect(await codeOf(() => readAccount(name)), name).to.equal('N0601');
    }
  });

  it('take passwords from a file or a person', async () => {
    const file = join(folder, 'password.txt');
    writeFileSync(file, 'pw\n');
    expect((await openAccount('old', 1, { file })).privateKey).to.equal(KEY);
    expect((await openAccount('old', 1, { ask: () => Promise.resolve('pw') })).privateKey).to.equal(KEY);
    expect(await codeOf(() => openAccount('old', 1))).to.equal('N0604');
    expect(await codeOf(() => passwordOf('old', { file: join(folder, 'none') }))).to.equal('N0609');
    writeFileSync(file, '\n');
    expect(await codeOf(() => passwordOf('old', { file }))).to.equal('N0609');
    const answers = ['one', 'two'];
    expect(await codeOf(() => newPassword('new', { ask: () => Promise.resolve(answers.shift()!) }))).to.equal(
      'N0602',
    );
    process.env['GENSYN_PASSWORD_FILE'] = file;
    writeFileSync(file, 'pw');
    expect((await openAccount('old', 1)).privateKey).to.equal(KEY);
    delete process.env['GENSYN_PASSWORD_FILE'];
  });

  it("of local chains are everybody's, so of local chains only", async () => {
    expect((await openAccount('devnet:1', 31337)).address).to.equal(
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    );
    expect(addressOfAccount('devnet:1')).to.equal('0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
    expect(await codeOf(() => openAccount('devnet:1', 1))).to.equal('N0606');
    expect(await codeOf(() => openAccount('devnet:10', 31337))).to.equal('N0601');
  });
});
