/** Encrypted keys on disk: one file for each account, in the format of Ethereum wallets (Web3 Secret Storage, version 3). */
import { GensynError } from '@gensyn/ir';
import { decryptKeystoreJson, encryptKeystoreJson, getAddress, isHexString, scrypt, Wallet } from 'ethers';
import { randomBytes, scrypt as nativeScrypt } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Account {
  readonly name: string;
  /** With its checksum. */
  readonly address: string;
  readonly file: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const LARGEST_FILE = 64 * 1024;
/** Cost of guessing a password: 128 MiB and about half a second. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 };
/** A file from elsewhere may ask for more, up to this. */
const MOST_MEMORY = 2 ** 30;

// The one of Node.js takes a fraction of the time of the one in JavaScript.
scrypt.register((password, salt, N, r, p, length) => {
  return new Promise((resolve, reject) => {
    nativeScrypt(password, salt, length, { N, r, p, maxmem: 2 * MOST_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(`0x${key.toString('hex')}`),
    );
  });
});

/** $GENSYN_ACCOUNTS, else a folder of the user's. */
export function accountsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env['GENSYN_ACCOUNTS'] ||
    join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'gensyn', 'accounts')
  );
}

/** Makes a new key. Errors: N0605, N0609. */
export async function createAccount(
  name: string,
  password: string,
  folder = accountsFolder(),
): Promise<Account> {
  return store(name, `0x${randomBytes(32).toString('hex')}`, password, folder);
}

/** @param key 0x-prefixed private key. Errors: N0605, N0607, N0609. */
export async function importAccount(
  name: string,
  key: string,
  password: string,
  folder = accountsFolder(),
): Promise<Account> {
  return store(name, key, password, folder);
}

/** In alphabetical order; files that are no keystores are left out. */
export function listAccounts(folder = accountsFolder()): readonly Account[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .filter((name) => NAME.test(name))
    .sort()
    .flatMap((name) => {
      try {
        return [readAccount(name, folder)];
      } catch {
        return [];
      }
    });
}

/** Name and address; needs no password. Errors: N0601, N0603. */
export function readAccount(name: string, folder = accountsFolder()): Account {
  return { name, address: read(name, folder).address, file: fileOf(name, folder) };
}

/** Deletes the key for good. Errors: N0601. */
export function removeAccount(name: string, folder = accountsFolder()): void {
  const file = fileOf(name, folder);
  if (!statSync(file, { throwIfNoEntry: false })) throw missing(name, folder);
  rmSync(file);
}

/** Errors: N0601 no such account, N0602 wrong password, N0603 damaged file. */
export async function unlockAccount(
  name: string,
  password: string,
  folder = accountsFolder(),
): Promise<Wallet> {
  const { address, json } = read(name, folder);
  let found: { readonly address: string; readonly privateKey: string };
  try {
    found = await decryptKeystoreJson(json, password);
  } catch (cause) {
    // ethers names the argument that was refused.
    if ((cause as { argument?: string }).argument === 'password' || /incorrect password/.test(String(cause)))
      throw new GensynError('N0602', `the password of ${name} is wrong`);
    throw damaged(name, folder, 'its key cannot be decrypted', cause);
  }
  if (found.address !== address) throw damaged(name, folder, 'its address is not that of its key');
  return new Wallet(found.privateKey);
}

/** A private key out of what somebody has of it: hexadecimal digits, a phrase, or a keystore with its password. Errors: N0602, N0607. */
export async function keyOf(text: string, password: () => Promise<string>): Promise<string> {
  const said = text.trim();
  const hex = said.startsWith('0x') ? said : `0x${said}`;
  try {
    if (isHexString(hex, 32)) return new Wallet(hex).privateKey;
    if (/^[a-z]+( +[a-z]+){11,23}$/.test(said)) return Wallet.fromPhrase(said.replace(/ +/g, ' ')).privateKey;
  } catch {
    throw noKey();
  }
  const stored = parse(said);
  if (stored === undefined) throw noKey();
  try {
    return (await decryptKeystoreJson(said, await password())).privateKey;
  } catch (cause) {
    if (cause instanceof GensynError) throw cause;
    throw new GensynError('N0602', 'the keystore cannot be decrypted with this password');
  }
}

const noKey = (): GensynError =>
  new GensynError('N0607', 'this is neither a private key nor a keystore nor a recovery phrase');

async function store(name: string, key: string, password: string, folder: string): Promise<Account> {
  checkName(name);
  const file = fileOf(name, folder);
  if (statSync(file, { throwIfNoEntry: false }))
    throw new GensynError('N0605', `there is an account ${name} already`);
  let address: string;
  try {
    address = new Wallet(key).address;
  } catch {
    throw noKey();
  }
  const json = await encryptKeystoreJson({ address, privateKey: key }, password, { scrypt: SCRYPT });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeWhole(file, json);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new GensynError('N0605', `there is an account ${name} already`);
    throw new GensynError('N0609', `${file} cannot be written`, { cause });
  }
  return { name, address, file };
}

/** Whole or not at all, and never over another: a key that is gone is gone for good. */
function writeWhole(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`;
  const handle = openSync(partial, 'w', 0o600);
  try {
    writeSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(partial, file);
    chmodSync(file, 0o600);
  } finally {
    rmSync(partial, { force: true });
  }
}

function read(name: string, folder: string): { readonly address: string; readonly json: string } {
  const file = fileOf(name, folder);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!NAME.test(name) || !found?.isFile()) throw missing(name, folder);
  if (found.size > LARGEST_FILE) throw damaged(name, folder, 'it is too large');
  let json: string;
  try {
    json = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new GensynError('N0609', `${file} cannot be read`, { cause });
  }
  const address = parse(json);
  if (address === undefined) throw damaged(name, folder, 'it is no keystore');
  return { address, json };
}

/** Address of a keystore whose costs can be borne; undefined for all else. */
function parse(json: string): string | undefined {
  try {
    const { version, address, ...rest } = lowered(JSON.parse(json)) as Record<string, unknown>;
    const { kdfparams = {} } = (rest['crypto'] ?? {}) as { kdfparams?: Record<string, number> };
    const [n = 1, r = 1, p = 1, c = 1] = [kdfparams['n'], kdfparams['r'], kdfparams['p'], kdfparams['c']];
    if (Number(version) !== 3 || 128 * n * r > MOST_MEMORY || p > 16 || c > 10_000_000) return undefined;
    return getAddress(String(address));
  } catch {
    return undefined;
  }
}

function lowered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toLowerCase(), lowered(each)]));
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new GensynError('N0605', `'${name}' cannot be the name of an account`);
}

const fileOf = (name: string, folder: string): string => join(folder, `${name}.json`);
const missing = (name: string, folder: string): GensynError =>
  new GensynError('N0601', `there is no account '${name}' in ${folder}`, {
    help: '`gensyn account list` shows those there are',
  });
const damaged = (name: string, folder: string, why: string, cause?: unknown): GensynError =>
  new GensynError('N0603', `${fileOf(name, folder)} is damaged: ${why}`, { cause });
