/** Deployment of contracts at addresses that follow from their code; running it again changes nothing. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import { concat, Interface, type Provider, type Signer } from 'ethers';
import { addressOf, ensureFactory, FACTORY, SALT } from './factory.js';

export interface Deployed {
  readonly address: string;
  /** Gas of the deployment, 0 if the contract was there. */
  readonly gas: bigint;
}

/** What of an artifact a deployment takes. */
export interface Code {
  readonly contractName: string;
  readonly abi: readonly object[];
  readonly bytecode: string;
}

/** One contract of a deployment. Its arguments may be addresses of those before it. */
export interface Step {
  readonly name: keyof Contracts;
  readonly args?: (addresses: Readonly<Record<string, string>>) => readonly unknown[];
}

/** Deploys contracts in order. Errors: N0203, N0204. */
export async function deployAll(signer: Signer, steps: readonly Step[]): Promise<Record<string, Deployed>> {
  const deployed: Record<string, Deployed> = {};
  const addresses: Record<string, string> = {};
  for (const { name, args } of steps) {
    const done = await deployCode(signer, artifacts[name], args?.(addresses));
    deployed[name] = done;
    addresses[name] = done.address;
  }
  return deployed;
}

/** Deploys one contract, unless it is there. Errors: N0203, N0204. */
export async function deploy(
  signer: Signer,
  name: keyof Contracts,
  args?: readonly unknown[],
): Promise<Deployed> {
  return deployCode(signer, artifacts[name], args);
}

export async function deployCode(signer: Signer, code: Code, args?: readonly unknown[]): Promise<Deployed> {
  const provider = signer.provider as Provider;
  const initCode = initCodeOf(code, args);
  const address = addressOf(initCode);
  if ((await provider.getCode(address)) !== '0x') return { address, gas: 0n };
  await ensureFactory(signer, provider);
  let gas: bigint | undefined;
  try {
    const sent = await signer.sendTransaction({ to: FACTORY, data: concat([SALT, initCode]) });
    gas = (await sent.wait())?.gasUsed;
  } catch (cause) {
    // Someone else may have been faster: what counts is what is there.
    if ((await provider.getCode(address)) === '0x')
      throw new GensynError('N0204', `${code.contractName} was not deployed`, { cause });
  }
  if ((await provider.getCode(address)) === '0x')
    throw new GensynError('N0204', `${code.contractName} was not deployed`);
  return { address, gas: gas ?? 0n };
}

/** Address that `deploy` gives this contract, on any chain. */
export function deployedAddress(name: keyof Contracts, args?: readonly unknown[]): string {
  return addressOf(initCodeOf(artifacts[name], args));
}

function initCodeOf({ abi, bytecode }: Code, args: readonly unknown[] = []): string {
  return concat([bytecode, new Interface(abi as object[]).encodeDeploy(args)]);
}
