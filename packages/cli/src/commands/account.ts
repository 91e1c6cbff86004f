/** gensyn account: encrypted keys on this machine. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { hiddenPrompt, readStdin } from '../ask-hidden.js';
import { GensynCommand } from '../command.js';
import { accountFlags, chainFlags, marketSettings, openMarketWith, passwordsOf } from '../market-flags.js';
import type { Settings } from '../settings.js';

const ACTIONS = ['create', 'import', 'list', 'address', 'balance', 'fund', 'remove'] as const;
const LONGEST_KEY = 64 * 1024;

export class Account extends GensynCommand {
  static override summary = 'Make, import and list accounts, and look at their money.';
  static override description =
    'Keys are kept encrypted, in the format of Ethereum wallets, in ~/.local/share/gensyn/accounts. Keys and passwords are never arguments: they are asked for, or read from files.\n' +
    '  create   makes a new key\n' +
    '  import   takes over a private key, a recovery phrase or a keystore, from --file, standard input or a hidden prompt\n' +
    '  list     shows names and addresses\n' +
    '  address  prints the address of one account\n' +
    '  balance  shows what it has: for gas, in its wallet, in the market\n' +
    '  fund     on a local chain: gives it gas and tokens, from devnet:0\n' +
    '  remove   deletes a key for good; --yes is needed';
  static override examples = [
    {
      description: 'A new account, its password asked for:',
      command: '<%= config.bin %> account create solver',
    },
    {
      description: 'Without a terminal:',
      command: '<%= config.bin %> account create solver --password-file secret.txt',
    },
    { description: 'Take over a key:', command: '<%= config.bin %> account import old --file key.txt' },
    { description: 'What it has:', command: '<%= config.bin %> account balance solver' },
    { description: 'Try it on a local chain:', command: '<%= config.bin %> account fund solver' },
  ];
  static override args = {
    action: Args.string({ options: [...ACTIONS], required: true, description: 'What to do.' }),
    name: Args.string({ description: 'Name of the account; the one of the settings by default.' }),
  };
  static override flags = {
    file: Flags.string({ helpValue: 'file', description: 'For import: read the key from there.' }),
    yes: Flags.boolean({ char: 'y', description: 'For remove: yes, delete the key.' }),
    'password-file': accountFlags['password-file'],
    ...chainFlags,
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Account);
    const action = args.action as (typeof ACTIONS)[number];
    const settings = await marketSettings(flags);
    if (action === 'list') return this.list();
    const name = args.name ?? settings.account;
    if (name === undefined) {
      throw new GensynError('U0103', 'missing <name>', {
        help: `gensyn account ${action} <name>; \`gensyn account list\` shows those there are`,
      });
    }
    switch (action) {
      case 'create':
      case 'import':
        return this.make(action, name, flags);
      case 'address': {
        const { addressOfAccount } = await import('@gensyn/protocol');
        const address = addressOfAccount(name, settings.chain);
        if (this.jsonEnabled()) return { name, address };
        this.log(address);
        return undefined;
      }
      case 'balance':
        return this.balance(name, settings, flags);
      case 'fund':
        return this.fund(name, settings);
      case 'remove':
        return this.removeKey(name, flags.yes);
    }
  }

  private async list(): Promise<unknown> {
    const { accountsFolder, listAccounts } = await import('@gensyn/protocol');
    const accounts = listAccounts();
    if (this.jsonEnabled()) return { folder: accountsFolder(), accounts };
    if (accounts.length === 0) this.log('No accounts; `gensyn account create <name>` makes one.');
    const width = Math.max(0, ...accounts.map(({ name }) => name.length));
    for (const { name, address } of accounts) this.log(`${name.padEnd(width)}  ${address}`);
    return undefined;
  }

  private async make(
    action: 'create' | 'import',
    name: string,
    flags: { readonly file?: string | undefined; readonly 'password-file'?: string | undefined },
  ): Promise<unknown> {
    if (action === 'create' && flags.file !== undefined)
      throw new GensynError('U0106', '--file goes with `gensyn account import` only');
    const { createAccount, importAccount, keyOf, newPassword, passwordOf } = await import('@gensyn/protocol');
    const passwords = passwordsOf(flags);
    let key: string | undefined;
    if (action === 'import') {
      const ask = (): Promise<string> => passwordOf('the keystore that is imported', passwords);
      key = await keyOf(await this.secret(flags.file), ask);
    }
    const password = await newPassword(name, passwords);
    const account =
      key === undefined ? await createAccount(name, password) : await importAccount(name, key, password);
    if (this.jsonEnabled()) return account;
    this.log(`${account.name}  ${account.address}`);
    this.say(`Its key is in ${account.file}. Keep a copy, and the password: without either it is lost.`);
    return undefined;
  }

  private async secret(file: string | undefined): Promise<string> {
    if (file !== undefined) {
      const { readFile, stat } = await import('node:fs/promises');
      try {
        if ((await stat(file)).size > LONGEST_KEY) throw new Error('it is too large');
        return await readFile(file, 'utf8');
      } catch (cause) {
        throw new GensynError('N0609', `${file} cannot be read`, { cause });
      }
    }
    const ask = hiddenPrompt();
    return ask ? ask('private key or recovery phrase') : readStdin(LONGEST_KEY);
  }

  private async balance(
    name: string,
    settings: Settings,
    flags: Parameters<typeof openMarketWith>[1],
  ): Promise<unknown> {
    const { addressOfAccount, moneyOf, plainTokens } = await import('@gensyn/protocol');
    const { formatEther } = await import('../amounts.js');
    const client = await openMarketWith(settings, flags, { acts: false });
    try {
      const address = addressOfAccount(name, client.chainId);
      const money = await moneyOf(client, address);
      if (this.jsonEnabled()) return { name, address, ...money };
      const { block } = await import('../job-summary.js');
      this.log(
        block([
          ['address', address],
          ['for gas', `${formatEther(money.gas)} ETH`],
          ['in the wallet', `${plainTokens(money.wallet)} GEN`],
          ['in the market', `${plainTokens(money.free)} GEN free to stake or withdraw`],
        ]),
      );
      return undefined;
    } finally {
      await client.close();
    }
  }

  private async fund(name: string, settings: Settings): Promise<unknown> {
    const { fundOnDevnet, openMarket, plainTokens } = await import('@gensyn/protocol');
    const { rpc, chain, market } = settings;
    const client = await openMarket({ rpc, chain, market, account: 'devnet:0' });
    try {
      const { address, tokens } = await fundOnDevnet(client, name);
      if (this.jsonEnabled()) return { name, address, tokens };
      this.log(`${address} has got 10 ETH and ${plainTokens(tokens)} GEN.`);
      return undefined;
    } finally {
      await client.close();
    }
  }

  private async removeKey(name: string, yes: boolean): Promise<unknown> {
    const { readAccount, removeAccount } = await import('@gensyn/protocol');
    const { address } = readAccount(name);
    if (!yes) {
      throw new GensynError('U0106', `the key of ${name} (${address}) would be gone for good`, {
        help: `gensyn account remove ${name} --yes`,
      });
    }
    removeAccount(name);
    if (this.jsonEnabled()) return { name, address, removed: true };
    this.log(`The key of ${name} (${address}) is deleted.`);
    return undefined;
  }
}
