/** The council's whole way: propose, vote, queue, execute, and what it may not. */
import { expect } from 'chai';
import {
  carryOn,
  openGovernance,
  proposals,
  propose,
  readValues,
  refusal,
  vote,
  type Governance,
  type MarketClient,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { codeOf } from '../code-of.js';

describe('governance', () => {
  let devnet: MarketDevnet;
  let client: MarketClient;
  let council: Governance;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    client = await devnet.client(0);
    council = await openGovernance(client);
  });
  after(async () => {
    await client.close();
    await devnet.stop();
  });
  const newest = async () => (await proposals(client, council)).at(-1)!;
  const refused = (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => undefined,
      (error: unknown) => refusal(error)?.name,
    );

  it('changes parameters for tasks to come, after a vote and a wait', async () => {
    await propose(client, council, { feeShare: 120_000 }, 'more checks');
    const proposal = await newest();
    expect(proposal).to.include({ number: 1, state: 'pending', description: 'more checks' });
    expect(proposal.values).to.deep.equal({ ...(await readValues(client)), feeShare: 120_000 });
    expect(await refused(vote(client, council, proposal, 'for'))).to.equal('GovernorUnexpectedProposalState');
    await devnet.pass(11);
    await vote(client, council, proposal, 'for');
    expect(await refused(vote(client, council, proposal, 'for'))).to.equal('GovernorAlreadyCastVote');
    expect((await newest()).votes.for > 0n).to.equal(true);
    await devnet.pass(61);
    const anybody = await devnet.client(4);
    await carryOn(anybody, council, proposal, 'queue');
    expect((await newest()).state).to.equal('queued');
    expect(await refused(carryOn(anybody, council, proposal, 'execute'))).to.equal(
      'TimelockUnexpectedOperationState',
    );
    await devnet.pass(31);
    await carryOn(anybody, council, proposal, 'execute');
    expect((await newest()).state).to.equal('executed');
    expect((await readValues(client)).feeShare).to.equal(120_000);
    expect((await readValues(client, 1)).feeShare).to.equal(100_000);
    await anybody.close();
  });

  it('does not begin what can never be', async () => {
    expect(await refused(propose(client, council, { feeShare: 600_000 }, ''))).to.equal('OutOfBounds');
    expect(await codeOf(() => propose(client, council, {}, ''))).to.equal('N0409');
    expect(await proposals(client, council)).to.have.lengthOf(1);
  });
});
