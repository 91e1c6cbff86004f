/** No operation costs more gas than its ceiling. */
import { expect } from 'chai';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { MEASUREMENTS } from './measure.js';

describe('gas', () => {
  let devnet: Devnet;
  before(async () => {
    devnet = await startDevnet();
  });
  after(() => devnet.stop());

  for (const [group, measure] of Object.entries(MEASUREMENTS)) {
    it(`of ${group} stays below the ceilings`, async () => {
      for (const { name, gas, ceiling, of } of await measure(devnet)) {
        expect(gas, `${name} ${of}`).to.be.above(0).and.below(ceiling);
      }
    });
  }
});
