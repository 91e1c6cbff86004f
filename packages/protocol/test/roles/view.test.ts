/** What roles see of a market follows the chain, also where the chain goes back and another way. */
import { expect } from 'chai';
import type { Filter, Log } from 'ethers';
import { fund, jobArtefacts, readValues, type MarketClient } from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { bareSubmission } from '../chain/bare-submission.js';
import { codeOf } from '../code-of.js';
import { openView } from '../../src/roles/view.js';

describe('the view of a market', function () {
  this.timeout(60_000);
  let devnet: MarketDevnet;
  let client: MarketClient;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    client = await devnet.client(1);
    const { seatStake } = await readValues(client);
    await fund(client, 4n * seatStake);
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
    // Other blocks at the same heights.
    await devnet.pass(1);
    await view.refresh();
    expect([...view.seats.keys()]).to.deep.equal([1]);
    await client.send('leave the seat', client.market.leaveSeat.populateTransaction(1));
    await devnet.pass(1);
    await view.refresh();
    expect(view.seats.size).to.equal(0);
  });

  /** A client of a node that answers otherwise than the real one. */
  const through = (other: Partial<Pick<MarketClient['provider'], 'getBlock' | 'getLogs'>>): MarketClient => {
    const { provider } = client;
    return {
      ...client,
      provider: {
        getBlock: provider.getBlock.bind(provider),
        getLogs: provider.getLogs.bind(provider),
        ...other,
      } as MarketClient['provider'],
    };
  };

  it('waits for a node that is behind, and goes on where it was', async () => {
    let behind = 0;
    const asked: number[] = [];
    const view = openView(
      through({
        getBlock: async (tag) =>
          client.provider.getBlock(
            tag === 'latest' ? (await client.provider.getBlockNumber()) - behind : tag,
          ),
        getLogs: (filter) => {
          asked.push(Number((filter as Filter).fromBlock));
          return client.provider.getLogs(filter);
        },
      }),
    );
    await takeSeat();
    await view.refresh();
    const { block } = view;
    const seats = [...view.seats];
    expect(seats).to.have.lengthOf(1);
    behind = 1;
    expect(await view.refresh()).to.equal(false);
    expect([view.block, [...view.seats]]).to.deep.equal([block, seats]);
    behind = 0;
    await devnet.pass(1);
    expect(await view.refresh()).to.equal(true);
    expect(asked).to.have.lengthOf(2);
  });

  it('finds events that a node did not have at first, in their order and each once', async () => {
    let lacks = (_: Log): boolean => false;
    const view = openView(
      through({
        getLogs: async (filter) => (await client.provider.getLogs(filter)).filter((log) => !lacks(log)),
      }),
    );
    const submit = async () =>
      client.send('submit', client.market.submit.populateTransaction(await bareSubmission(client)));
    const first = await submit();
    const second = await submit();
    lacks = ({ blockNumber }) => blockNumber === first.blockNumber;
    await view.refresh();
    expect(view.submitted.size).to.equal(1);
    lacks = () => false;
    await devnet.pass(1);
    await view.refresh();
    expect([...view.submitted.keys()]).to.deep.equal([1, 2]);
    expect(second.blockNumber).to.be.above(first.blockNumber);
  });

  it('asks for fewer blocks where a node says that they are too many, and for more again after', async () => {
    const asked: number[] = [];
    await client.provider.send('anvil_mine', ['0x28']);
    const view = openView(
      through({
        getLogs: (filter) => {
          const { fromBlock, toBlock } = filter as { fromBlock: number; toBlock: number };
          const many = toBlock - fromBlock + 1;
          asked.push(many);
          if (many > 20) throw new Error('query exceeds max block range 20');
          return client.provider.getLogs(filter);
        },
      }),
    );
    await view.refresh();
    expect(view.submitted.size).to.equal(2);
    expect(Math.min(...asked)).to.be.above(2);
    const away = openView(through({ getLogs: () => Promise.reject(new Error('no such method')) }));
    const failed = await away.refresh().catch((error: unknown) => error);
    expect((failed as Error).message).to.equal('no such method');
  });

  it('goes on where somebody puts bytes that are no text', async () => {
    const view = openView(client);
    const placeholder = 'placeholder';
    const call = await client.market.submit.populateTransaction(
      await bareSubmission(client, { artefacts: placeholder }),
    );
    const text = Buffer.from(placeholder).toString('hex');
    const bytes = 'fffe'.padEnd(text.length, '80');
    await client.send('submit', Promise.resolve({ ...call, data: call.data.replace(text, bytes) }));
    await takeSeat();
    await view.refresh();
    expect(view.submitted.get(3)).to.include({ submitter: client.account, artefacts: '' });
    expect(view.seats.size).to.equal(2);
    expect(await codeOf(() => jobArtefacts(client, 3))).to.equal('N0411');
    await devnet.pass(1);
    expect(await view.refresh()).to.equal(true);
  });
});
