/** Binary32 against the arithmetic of JavaScript; `npm run testfloat` tries a million pairs for each operation. */
import { expect } from 'chai';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { BATCH_GAS, batchOn, compare, randomBits, type Batch } from './compare.js';
import { OPERATIONS } from './operations.js';

describe('Binary32', () => {
  let devnet: Devnet;
  let batch: Batch;
  before(async () => {
    devnet = await startDevnet({ gasLimit: BATCH_GAS });
    batch = await batchOn(devnet);
  });
  after(() => devnet.stop());

  for (const operation of OPERATIONS) {
    it(`${operation.name} gives the same bits as JavaScript`, async () => {
      const { pairs, mismatches } = await compare(batch, operation, 20_000, randomBits(operation.number));
      expect(pairs).to.be.at.least(20_000);
      expect(mismatches.slice(0, 3)).to.deep.equal([]);
    });
  }
});
