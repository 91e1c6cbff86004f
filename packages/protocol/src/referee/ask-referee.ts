/** Asks the contract, and turns its refusals into errors of this program. */
import { GensynError, type DType } from '@gensyn/ir';
import { artifacts, type Contracts } from '@gensyn/contracts';
import { Interface, isCallException, type Signer } from 'ethers';
import type { Query } from './query.js';

const abi = new Interface(artifacts.Referee.abi as object[]);

/** Name and arguments of the error that the contract reverted with; undefined where a call failed otherwise. */
export function refusal(
  error: unknown,
): { readonly name: string; readonly args: readonly unknown[] } | undefined {
  if (!isCallException(error) || !error.data) return undefined;
  const parsed = abi.parseError(error.data);
  return parsed ? { name: parsed.name, args: [...parsed.args] } : undefined;
}

/** The 32 bits of the right value. Errors: V0405 with the contract's reason where it refuses. */
export async function askReferee(referee: Contracts['Referee'], query: Query): Promise<number> {
  try {
    return Number(await referee.check(query));
  } catch (cause) {
    const why = refusal(cause);
    if (!why) throw new GensynError('V0405', 'the referee gave no answer', { cause });
    throw new GensynError('V0405', `the referee refuses: ${why.name}(${why.args.map(String).join(', ')})`, {
      cause,
    });
  }
}

/** No check takes more, its transaction and arguments included. */
const GAS_LIMIT = 2_000_000n;

/** Asks in a transaction of its own and returns what the chain charges for it: execution, arguments and the 21,000 of any transaction. */
export async function gasOfQuery(signer: Signer, address: string, query: Query): Promise<number> {
  const data = abi.encodeFunctionData('check', [query]);
  const sent = await signer.sendTransaction({ to: address, data, gasLimit: GAS_LIMIT });
  return Number((await sent.wait())!.gasUsed);
}

const word = new DataView(new ArrayBuffer(4));

/** The number that 32 bits stand for. */
export function valueOfBits(dtype: DType, bits: number): number {
  word.setUint32(0, bits);
  return dtype === 'f32' ? word.getFloat32(0) : dtype === 'i32' ? word.getInt32(0) : bits;
}

/** The 32 bits of a number: of binary32, of two's complement, or 0 or 1. */
export function bitsOfValue(dtype: DType, value: number): number {
  if (dtype === 'f32') word.setFloat32(0, value);
  else word.setInt32(0, value);
  return word.getUint32(0);
}
