/** The factory that gives contracts the same address on every chain (https://github.com/Arachnid/deterministic-deployment-proxy). */
import { GensynError } from '@gensyn/ir';
import { getCreate2Address, keccak256, parseEther, type Provider, type Signer } from 'ethers';

export const FACTORY = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
/** Nobody has the key of this account: its one transaction, the factory's creation, was made up with its signature. */
const CREATOR = '0x3fAB184622Dc19b6109349B94811493BF2a45362';
const CREATION =
  '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0' +
  '3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba0' +
  '2222222222222222222222222222222222222222222222222222222222222222a0' +
  '2222222222222222222222222222222222222222222222222222222222222222';
const CREATION_PRICE = parseEther('0.01');
/** All contracts take this salt, so the address follows from the code and its arguments alone. */
export const SALT = `0x${'00'.repeat(32)}`;

/** Where code that is deployed through the factory goes. `initCode`: creation code with the arguments appended, 0x-prefixed. */
export function addressOf(initCode: string): string {
  return getCreate2Address(FACTORY, SALT, keccak256(initCode));
}

/** Makes sure that the chain has the factory. Errors: N0203. */
export async function ensureFactory(signer: Signer, provider: Provider): Promise<void> {
  if ((await provider.getCode(FACTORY)) !== '0x') return;
  try {
    await (await signer.sendTransaction({ to: CREATOR, value: CREATION_PRICE })).wait();
    await (await provider.broadcastTransaction(CREATION)).wait();
  } catch (cause) {
    throw new GensynError('N0203', 'this chain has no factory for contracts, and it cannot be created', {
      cause,
    });
  }
}
