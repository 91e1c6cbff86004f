/** What roles see of a market follows the chain, also where the chain goes back and another way. */
import { expect } from 'chai';
import { fund, readValues, type MarketClient } from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { openView } from '../../src/roles/view.js';

describe('the view of a market', function () {
  this.timeout(60_000);
  let devnet: MarketDevnet;
  let client: MarketClient;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    client = await devnet.client(1);
    const { seatStake } = await readValues(client);
    await fund(client, 3n * seatStake);
  });
  after(async () => {
    await client.close();
    await devnet.stop();
  });
  const takeSeat = () => client.send('take a seat', client.market.takeSeat.populateTransaction());

  it('reads on from where it was, and says whether there was anything', async () => {
    const view = openView(client);
    expect(await view.refresh()).to.equal(true);
    expect(await view.refresh()).to.equal(false);
    await takeSeat();
    expect(await view.refresh()).to.equal(true);
    expect([...view.seats]).to.deep.equal([[1, client.account]]);
    expect(view.now).to.be.greaterThan(0);
  });

  it('forgets what a reorganisation has undone', async () => {
    const view = openView(client);
    const snapshot: unknown = await client.provider.send('evm_snapshot', []);
    await takeSeat();
    await view.refresh();
    expect(view.seats.size).to.equal(2);
    await client.provider.send('evm_revert', [snapshot]);
    await view.refresh();
    expect([...view.seats.keys()]).to.deep.equal([1]);
    // Other blocks at the same heights.
    await devnet.pass(1);
    await client.send('leave the seat', client.market.leaveSeat.populateTransaction(1));
    await devnet.pass(1);
    await view.refresh();
    expect(view.seats.size).to.equal(0);
  });
});
