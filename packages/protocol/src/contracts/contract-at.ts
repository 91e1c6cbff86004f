/** A deployed contract as a typed object. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { Contract, type ContractRunner } from 'ethers';

/** The contract of that name at that address; through a signer it can also be changed. The address is not looked at. */
export function contractAt<Name extends keyof Contracts>(
  name: Name,
  address: string,
  runner: ContractRunner,
): Contracts[Name] {
  return new Contract(address, artifacts[name].abi as object[], runner) as unknown as Contracts[Name];
}
