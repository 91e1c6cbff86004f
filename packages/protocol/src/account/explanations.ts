/** What the codes of accounts mean. */
import type { Explanation } from '@gensyn/ir';

export const accountExplanations: readonly Explanation[] = [
  {
    code: 'N0601',
    title: 'There is no such account',
    text: 'Accounts are encrypted files in GENSYN_ACCOUNTS, else in gensyn/accounts below XDG_DATA_HOME or ~/.local/share. `gensyn account list` shows them, `gensyn account create <name>` makes one. On a local chain devnet:0 to devnet:9 exist too.',
  },
  {
    code: 'N0602',
    title: 'The password is wrong',
    text: 'The key of the account cannot be decrypted with this password. Nobody can recover a password that is lost.',
  },
  {
    code: 'N0603',
    title: 'The file of the account is damaged',
    text: 'It should hold a keystore of version 3 (the format of Ethereum wallets) whose address fits its key. Restore it from a backup, or import the key again under another name.',
  },
  {
    code: 'N0604',
    title: 'There is nobody to ask for the password',
    text: 'Without a terminal the password comes from a file: --password-file, or the variable GENSYN_PASSWORD_FILE. A line feed at its end does not count.',
  },
  {
    code: 'N0605',
    title: 'An account cannot have this name',
    text: 'Names are up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit, and each is given once.',
  },
  {
    code: 'N0606',
    title: 'The accounts of local chains are for local chains',
    text: 'Everybody knows the keys of devnet:0 to devnet:9, so on any other chain what they hold can be taken by anybody.',
  },
  {
    code: 'N0607',
    title: 'This is no private key',
    text: 'What can be imported is a private key (64 hexadecimal digits, with or without 0x), a keystore file of version 3 or the words of a recovery phrase.',
  },
  {
    code: 'N0608',
    title: 'It must be said which account acts',
    text: 'Name it with --account, in GENSYN_ACCOUNT, or as `account` in gensyn.toml.',
  },
  {
    code: 'N0609',
    title: 'A file of an account or password cannot be read or written',
    text: 'The folder of accounts must be writable, a password file readable and not empty.',
  },
];
