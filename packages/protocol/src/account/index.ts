export {
  accountsFolder,
  createAccount,
  importAccount,
  keyOf,
  listAccounts,
  readAccount,
  removeAccount,
  unlockAccount,
  type Account,
} from './keystore.js';
export { newPassword, passwordOf, type Passwords } from './password.js';
export { addressOfAccount, openAccount } from './open-account.js';
