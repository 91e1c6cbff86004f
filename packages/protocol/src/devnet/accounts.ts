/** The accounts that a local chain funds: those of anvil and hardhat, known to everybody, so of use on no other chain. */
import { HDNodeWallet, Mnemonic, NonceManager, Wallet, type Provider } from 'ethers';

const PHRASE = 'test test test test test test test test test test test junk';
const COUNT = 10;
let keys: readonly string[] | undefined;

/** Signers that count their own transactions, so that several can be sent without waiting. */
export function devnetAccounts(provider: Provider): NonceManager[] {
  return devnetKeys().map((key) => new NonceManager(new Wallet(key, provider)));
}

/** Private keys of the ten accounts, 0x-prefixed. */
export function devnetKeys(): readonly string[] {
  const root = (): HDNodeWallet => HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), "m/44'/60'/0'/0");
  return (keys ??= derive(root()));
}

function derive(root: HDNodeWallet): string[] {
  return Array.from({ length: COUNT }, (_, index) => root.deriveChild(index).privateKey);
}
