/** Settings by rank: option, GENSYN_ variable, gensyn.toml of this folder or one above, the user's own file. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { GensynError } from '@gensyn/ir';

export interface Settings {
  /** Where runs happen: cpu, webgpu, cuda, or gpu for the best of those present. */
  readonly device?: 'cpu' | 'gpu' | 'webgpu' | 'cuda';
  readonly threads?: number;
  /** Folder that takes build/ and runs/ instead of the job's own. */
  readonly out?: string;
  /** Newest checkpoints to keep. */
  readonly keep?: number | 'all';
  /** JSON-RPC address of the chain; the running local one's by default. */
  readonly rpc?: string;
  /** Number that the chain must have. */
  readonly chain?: number;
  /** Address of the market's TaskMarket. */
  readonly market?: string;
  /** Who acts: a keystore's name, or devnet:0 to devnet:9. */
  readonly account?: string;
  /** Where artefacts are: folders and addresses of IPFS nodes, with commas between them. */
  readonly store?: string;
  /** Folder in which roles keep their work and their journal. */
  readonly home?: string;
}

type Key = keyof Settings;
type Values = Partial<Record<Key, unknown>>;

const DEVICES: readonly string[] = ['cpu', 'gpu', 'webgpu', 'cuda'];
export const SETTING_KEYS: readonly Key[] = [
  'device',
  'threads',
  'out',
  'keep',
  'rpc',
  'chain',
  'market',
  'account',
  'store',
  'home',
];

/** A folder of the user's for what gensyn keeps: $XDG_DATA_HOME/gensyn/<name>. */
export function dataFolder(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'gensyn', name);
}

/** The store of the settings, or the embedded one of this user. */
export const storeOf = ({ store }: Settings): string => store ?? dataFolder('store');

/** Where roles keep their work. */
export const homeOf = ({ home }: Settings): string => home ?? dataFolder('roles');

/** The user's own file, whether it exists or not. */
export function userConfig(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gensyn', 'config.toml');
}

/**
 * @param options what the command line says; undefined members say nothing
 * @throws GensynError U0301 for a file that is no TOML, U0302 for a value that cannot be meant
 */
export async function readSettings(
  options: Values = {},
  env: NodeJS.ProcessEnv = process.env,
  folder = process.cwd(),
): Promise<Settings> {
  const files = [projectConfig(folder), readText(userConfig(env))].filter((file) => file !== undefined);
  const layers: { readonly values: Values; readonly from: string; readonly base: string }[] = [
    { values: options, from: 'the command line', base: folder },
    {
      values: Object.fromEntries(
        SETTING_KEYS.map((key) => [key, env[`GENSYN_${key.toUpperCase()}`] || undefined]),
      ),
      from: 'the environment',
      base: folder,
    },
  ];
  for (const { path, text } of files)
    layers.push({ values: await parseToml(path, text), from: path, base: dirname(path) });
  const settings: { -readonly [K in Key]?: unknown } = {};
  for (const key of SETTING_KEYS) {
    const layer = layers.find(({ values }) => values[key] !== undefined);
    if (layer) settings[key] = accept(key, layer.values[key], layer.from, layer.base);
  }
  return settings as Settings;
}

interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

function projectConfig(from: string): ConfigFile | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = readText(join(folder, 'gensyn.toml'));
    if (file !== undefined || dirname(folder) === folder) return file;
  }
}

function readText(path: string): ConfigFile | undefined {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new GensynError('U0301', `cannot read ${path}`, { cause });
  }
}

async function parseToml(path: string, text: string): Promise<Values> {
  const { parse } = await import('smol-toml');
  let values: Record<string, unknown>;
  try {
    values = parse(text);
  } catch (cause) {
    const { line, column, message } = cause as Error & { line?: number; column?: number };
    throw new GensynError(
      'U0301',
      `${path}${line === undefined ? '' : `:${line}:${column}`} is not TOML: ${message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')}`,
      { cause },
    );
  }
  const unknown = Object.keys(values).find((key) => !(SETTING_KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    throw new GensynError('U0302', `${path}: there is no setting '${unknown}'`, {
      help: `the settings are ${SETTING_KEYS.join(', ')}`,
    });
  }
  return values;
}

function accept(key: Key, value: unknown, from: string, base: string): unknown {
  const refuse = (wanted: string): never => {
    throw new GensynError('U0302', `${key} = ${JSON.stringify(value)} (from ${from}): ${wanted}`);
  };
  if (key === 'device')
    return DEVICES.includes(String(value)) ? value : refuse(`expected one of ${DEVICES.join(', ')}`);
  if (key === 'rpc') {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    return url && ['http:', 'https:'].includes(url.protocol) ? value : refuse('expected an http address');
  }
  if (key === 'market')
    return /^0x[0-9a-fA-F]{40}$/.test(String(value))
      ? value
      : refuse('expected an address, 0x and 40 digits');
  if (key === 'account')
    return typeof value === 'string' && value !== '' ? value : refuse('expected the name of an account');
  if (key === 'store') {
    const parts = (Array.isArray(value) ? value : String(value).split(',')).map((part) =>
      String(part).trim(),
    );
    if (parts.length === 0 || parts.includes('')) return refuse('expected folders or addresses');
    return parts
      .map((part) => (/^[a-z][a-z0-9+.-]+:\/\//i.test(part) ? part : resolve(base, part)))
      .join(',');
  }
  if (key === 'out' || key === 'home')
    return typeof value === 'string' && value !== '' ? resolve(base, value) : refuse('expected a folder');
  if (key === 'keep' && value === 'all') return value;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const most = key === 'threads' ? 1024 : key === 'chain' ? Number.MAX_SAFE_INTEGER : 1e9;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number;
  if (key === 'chain') return refuse('expected the number of a chain');
  return refuse(
    key === 'keep' ? "expected a number from 1 on, or 'all'" : 'expected a number from 1 to 1024',
  );
}
