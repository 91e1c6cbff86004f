/** Whether the code at an address is that of a contract known here, its immutable values aside. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import { getBytes, type JsonRpcProvider } from 'ethers';

/** An instruction that pushes 32 bytes: immutable values are its zeros, filled in at deployment. */
const PUSH32 = 0x7f;

/** Errors: N0406 no contract there, N0407 another one. */
export async function checkCode(
  provider: JsonRpcProvider,
  name: keyof Contracts,
  address: string,
): Promise<void> {
  const code = await provider.getCode(address);
  if (code === '0x') {
    throw new GensynError(
      'N0406',
      `there is no contract at ${address} on this chain (${name} was expected)`,
      {
        help: 'is it the right chain? A local one that was started anew has forgotten its contracts',
      },
    );
  }
  if (!sameCode(getBytes(code), getBytes(artifacts[name].deployedBytecode))) {
    throw new GensynError('N0407', `the contract at ${address} is not the ${name} of this version of gensyn`);
  }
}

export function sameCode(found: Uint8Array, known: Uint8Array): boolean {
  if (found.length !== known.length) return false;
  for (let i = 0; i < known.length; i++) {
    if (found[i] === known[i]) continue;
    if (known[i - 1] !== PUSH32 || !known.subarray(i, i + 32).every((byte) => byte === 0)) {
      // Inside such a push: its first bytes may happen to be zero on both sides.
      const push = known.lastIndexOf(PUSH32, i - 1);
      if (push < 0 || i - push > 32 || !known.subarray(push + 1, push + 33).every((byte) => byte === 0))
        return false;
      i = push + 32;
      continue;
    }
    i += 31;
  }
  return true;
}
