/** Deploys a contract that only tests use (contracts/test/harness). */
import { readFileSync } from 'node:fs';
import { Contract, type Signer } from 'ethers';
import { deployCode, type Code } from '../src/deploy/deploy.js';

export async function deployHarness(
  signer: Signer,
  name: string,
  args?: readonly unknown[],
): Promise<Contract> {
  // From packages/protocol/dist/test.
  const file = new URL(`../../../../contracts/dist/harness/${name}.json`, import.meta.url);
  const code = JSON.parse(readFileSync(file, 'utf8')) as Code;
  const { address } = await deployCode(signer, code, args);
  return new Contract(address, code.abi as object[], signer);
}
