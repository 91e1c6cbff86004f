/** Deployment at addresses that follow from the code. */
import { expect } from 'chai';
import { GensynError } from '@gensyn/ir';
import { readFileSync } from 'node:fs';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { deployCode, type Code } from '../../src/deploy/deploy.js';
import { ensureFactory, FACTORY } from '../../src/deploy/factory.js';
import { codeOf } from '../code-of.js';

const file = new URL('../../../../../contracts/dist/harness/Binary32Batch.json', import.meta.url);
const code = JSON.parse(readFileSync(file, 'utf8')) as Code & { deployedBytecode: string };

describe('deploy', () => {
  let devnet: Devnet;
  before(async () => {
    devnet = await startDevnet();
  });
  after(() => devnet.stop());

  it('puts a contract at the same address whoever deploys it, once', async () => {
    const first = await deployCode(devnet.signer, code);
    expect(Number(first.gas)).to.be.above(100_000);
    expect(await devnet.provider.getCode(first.address)).to.equal(code.deployedBytecode);
    expect(await deployCode(devnet.accounts[1]!, code)).to.deep.equal({ address: first.address, gas: 0n });
    const other = await startDevnet();
    const again = await deployCode(other.accounts[3]!, code);
    await other.stop();
    expect(again.address).to.equal(first.address);
  });

  it('brings the factory where it is missing', async () => {
    const was = await devnet.provider.getCode(FACTORY);
    await devnet.provider.send('anvil_setCode', [FACTORY, '0x']);
    await devnet.provider.send('anvil_setNonce', [FACTORY, '0x0']);
    await ensureFactory(devnet.signer, devnet.provider);
    expect(await devnet.provider.getCode(FACTORY)).to.equal(was);
  });

  it('says when a contract cannot be created', async () => {
    // INVALID as the only instruction of the constructor.
    expect(
      await codeOf(() => deployCode(devnet.signer, { contractName: 'Broken', abi: [], bytecode: '0xfe' })),
    ).to.equal('N0204');
  });

  it('is refused an account without money by name, not by a stack', async () => {
    const { Wallet } = await import('ethers');
    const poor = Wallet.createRandom(devnet.provider);
    const broken = { contractName: 'Other', abi: [], bytecode: '0x600160005360016000f3' };
    await deployCode(poor, broken).then(
      () => expect.fail(),
      (error: unknown) => expect(error).to.be.instanceOf(GensynError),
    );
  });
});
