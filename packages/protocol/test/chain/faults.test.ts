/** What nodes, rivals and reorganisations do to transactions: a clear message or recovery, nothing twice, nothing lost. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NonceManager, Wallet } from 'ethers';
import {
  deposit,
  fund,
  moneyOf,
  openMarket,
  readTask,
  refusal,
  settled,
  tasks,
  type MarketClient,
} from '../../src/chain/index.js';
import { connect, devnetKeys, startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { codeOf } from '../code-of.js';
import { bareSubmission } from './bare-submission.js';
import { faultyNode, type Fault, type FaultyNode } from './faulty-node.js';

const TOKEN = 10n ** 18n;
const RIVAL = fileURLToPath(new URL('rival.js', import.meta.url));

describe('chain faults', () => {
  let devnet: MarketDevnet;
  let node: FaultyNode;
  let client: MarketClient;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    node = await faultyNode(devnet.url);
    client = await openMarket({ rpc: node.url, market: devnet.market, account: 'devnet:1' });
    await fund(client, 1000n * TOKEN);
  });
  beforeEach(() => {
    node.rule = () => 'pass';
  });
  after(async () => {
    await client.close();
    await node.stop();
    await devnet.stop();
  });

  const free = async (): Promise<bigint> => (await moneyOf(client, client.account!)).free;
  const submit = async (artefacts: string) =>
    client.send(
      'submit',
      client.market.submit.populateTransaction(await bareSubmission(client, { artefacts })),
    );
  const nonces = (of = client): Promise<number> => of.provider.getTransactionCount(of.account!);

  /** Spoils the first `times` requests of a method. */
  function spoil(method: string, fault: Fault, times: number): void {
    let left = times;
    node.rule = (asked) => (asked.method === method && left-- > 0 ? fault : 'pass');
  }

  describe('of the node', () => {
    for (const [name, fault] of [
      ['busy', { status: 503 }],
      ['limiting', { error: { code: -32005, message: 'limit exceeded' } }],
      ['cut off', 'cut'],
    ] as const) {
      it(`asks a ${name} one again`, async () => {
        let count = 0;
        node.rule = () => (count++ % 3 === 0 ? fault : 'pass');
        expect(await free()).to.equal(1000n * TOKEN);
        expect(count).to.be.above(3);
      });
    }

    it('gives up in the end, with a name', async () => {
      node.rule = () => ({ status: 502 });
      expect(await codeOf(() => client.now())).to.equal('N0205');
      expect(node.asked.get('eth_getBlockByNumber')).to.be.above(4);
    });

    it('sends a transaction once, whether the node has heard it or not', async () => {
      for (const fault of ['cut', 'after'] as const) {
        const [before, nonce] = [await tasks(client), await nonces()];
        spoil('eth_sendRawTransaction', fault, 2);
        await submit(fault);
        expect(await tasks(client)).to.have.lengthOf(before.length + 1);
        expect(await nonces()).to.equal(nonce + 1);
      }
    });

    it('looks again for a receipt that comes late', async () => {
      const nonce = await nonces();
      let left = 4;
      const real = { error: { code: -32000, message: 'not indexed' } };
      // As from nodes that know the block but not yet its receipts.
      node.rule = ({ method }) =>
        method === 'eth_getTransactionReceipt' && left-- > 0 ? { status: 500 } : 'pass';
      await submit('late');
      expect(await nonces()).to.equal(nonce + 1);
      node.rule = ({ method }) => (method === 'eth_sendRawTransaction' ? real : 'pass');
      expect(await codeOf(() => submit('refused'))).to.equal('N0204');
      expect(await nonces()).to.equal(nonce + 1);
    });
  });

  describe('of money', () => {
    it('are said before anything is sent', async () => {
      const poor = await devnet.client(7);
      await devnet.provider.send('anvil_setBalance', [poor.account, '0x1000']);
      expect(await codeOf(() => fund(poor, TOKEN))).to.equal('N0402');
      expect(await nonces(poor)).to.equal(0);
      await poor.close();
    });

    it('leave a stake alone that was not taken', async () => {
      const solver = await devnet.client(6);
      await submit('staked');
      const [task] = await tasks(client);
      const error = await solver.send('claim', solver.market.claim.populateTransaction(task!.id, 0, 0)).then(
        () => undefined,
        (each: unknown) => each,
      );
      expect(refusal(error)?.name).to.equal('TooLittle');
      expect((await readTask(client, task!.id)).status).to.equal('open');
      await solver.close();
    });
  });

  describe('of rivals', () => {
    it('of one account in one process come one after the other', async () => {
      const before = await free();
      await Promise.all(Array.from({ length: 5 }, () => client.send('deposit', approvedDeposit())));
      expect(await free()).to.equal(before + 5n * TOKEN);
    });

    it('of one account in several processes all come through', async () => {
      const own = await devnet.client(5);
      const other = spawn(process.execPath, [RIVAL, devnet.url, devnet.market, 'devnet:5', '6']);
      let came = '';
      other.stdout.on('data', (text) => (came += String(text)));
      const ended = new Promise<number | null>((resolve) => other.once('close', resolve));
      let mine = 0;
      while (other.exitCode === null && mine < 12) {
        await deposit(own, TOKEN);
        mine += 1;
      }
      expect([await ended, came]).to.deep.equal([0, '6']);
      expect((await moneyOf(own, own.account!)).free).to.equal(BigInt(6 + mine) * TOKEN);
      await own.close();
    });

    it('waits for what a process before it has sent', async () => {
      const own = await openMarket({ rpc: devnet.url, market: devnet.market, account: 'devnet:0' });
      const provider = await connect(devnet.url);
      await settled(own);
      await provider.send('evm_setAutomine', [false]);
      try {
        const before = new Wallet(devnetKeys()[0]!, provider);
        await before.sendTransaction({ to: before.address, gasLimit: 21_000 });
        const began = performance.now();
        await settled(own, 300);
        expect(performance.now() - began).to.be.above(290);
        let over = false;
        const waiting = settled(own).then(() => (over = true));
        await sleep(250);
        expect(over).to.equal(false);
        await provider.send('evm_mine', []);
        await waiting;
      } finally {
        await provider.send('evm_setAutomine', [true]);
        provider.destroy();
        await own.close();
      }
    });

    it('starts over where another transaction has taken its nonce', async () => {
      const own = await openMarket({ rpc: devnet.url, market: devnet.market, account: 'devnet:8' });
      const provider = await connect(devnet.url);
      await provider.send('evm_setAutomine', [false]);
      try {
        const sending = own.send('approve', own.token.approve.populateTransaction(devnet.market, TOKEN));
        await until(async () => (await own.provider.getTransactionCount(own.account!, 'pending')) === 1);
        // From the same account, somewhere else, for more gas.
        const elsewhere = new Wallet(devnetKeys()[8]!, provider);
        const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 11n - 1n };
        await elsewhere.sendTransaction({ to: elsewhere.address, nonce: 0, gasLimit: 21_000, ...fees });
        await provider.send('evm_mine', []);
        await until(async () => (await own.provider.getTransactionCount(own.account!, 'pending')) === 2);
        await provider.send('evm_mine', []);
        await sending;
        expect(await own.token.allowance(own.account!, devnet.market)).to.equal(TOKEN);
      } finally {
        await provider.send('evm_setAutomine', [true]);
        provider.destroy();
        await own.close();
      }
    });

    const approvedDeposit = async () => {
      await approve();
      return client.market.deposit.populateTransaction(TOKEN);
    };
    let approved: Promise<unknown> | undefined;
    const approve = (): Promise<unknown> =>
      (approved ??= client.send(
        'approve',
        client.token.approve.populateTransaction(devnet.market, 100n * TOKEN),
      ));
  });

  describe('of blocks', () => {
    it('pays more for a transaction that no block takes', async () => {
      const own = await openMarket({
        rpc: devnet.url,
        market: devnet.market,
        account: 'devnet:9',
        patience: 300,
      });
      await devnet.provider.send('evm_setAutomine', [false]);
      try {
        const sending = own.send('approve', own.token.approve.populateTransaction(devnet.market, TOKEN));
        const price = async (): Promise<bigint> => {
          const pool = (await devnet.provider.send('txpool_content', [])) as {
            pending: Record<string, Record<string, { maxFeePerGas: string }>>;
          };
          const mine = Object.entries(pool.pending).find(
            ([from]) => from.toLowerCase() === own.account!.toLowerCase(),
          );
          return BigInt(mine?.[1]['0']?.maxFeePerGas ?? 0);
        };
        await until(async () => (await price()) > 0n);
        const first = await price();
        await until(async () => (await price()) > (first * 12n) / 10n);
        await devnet.provider.send('evm_mine', []);
        expect((await sending).status).to.equal(1);
        expect(await nonces(own)).to.equal(1);
      } finally {
        await devnet.provider.send('evm_setAutomine', [true]);
        await own.close();
      }
    });

    it('gives up after its limit, and what comes later counts once', async () => {
      const own = await openMarket({
        rpc: devnet.url,
        market: devnet.market,
        account: 'devnet:4',
        limit: 500,
      });
      await devnet.provider.send('evm_setAutomine', [false]);
      try {
        const call = own.token.approve.populateTransaction(devnet.market, TOKEN);
        expect(await codeOf(() => own.send('approve', call))).to.equal('N0403');
      } finally {
        await devnet.provider.send('evm_setAutomine', [true]);
        await devnet.provider.send('evm_mine', []);
      }
      expect(await own.token.allowance(own.account!, devnet.market)).to.equal(TOKEN);
      await own.close();
    });

    it('believes a receipt after its confirmations, and sends again what a reorganisation has lost', async () => {
      const options = { rpc: node.url, market: devnet.market, account: 'devnet:3', confirmations: 2 };
      const own = await openMarket(options);
      const sent = (): number => node.asked.get('eth_sendRawTransaction') ?? 0;
      const before = sent();
      await devnet.provider.send('evm_mine', []);
      let settled = false;
      const sending = own.send('approve', own.token.approve.populateTransaction(devnet.market, 3n * TOKEN));
      void sending.then(() => (settled = true));
      await until(async () => (await nonces(own)) === 1);
      // The block with it is dropped, and with it the transaction: anvil forgets it.
      await devnet.provider.send('anvil_rollback', [1]);
      await until(() => Promise.resolve(sent() === before + 2));
      await until(async () => (await nonces(own)) === 1);
      expect(settled).to.equal(false);
      await devnet.provider.send('evm_mine', []);
      await devnet.provider.send('evm_mine', []);
      expect((await sending).status).to.equal(1);
      expect(await own.token.allowance(own.account!, devnet.market)).to.equal(3n * TOKEN);
      expect(await nonces(own)).to.equal(1);
      await own.close();
    });

    it('sends the next transaction while one waits for confirmations, and both again where they are lost', async () => {
      const options = { rpc: node.url, market: devnet.market, account: 'devnet:0', confirmations: 2 };
      const own = await openMarket(options);
      const sent = (): number => node.asked.get('eth_sendRawTransaction') ?? 0;
      const [before, nonce] = [sent(), await nonces(own)];
      await devnet.provider.send('evm_mine', []);
      let over = 0;
      const approve = (amount: bigint) =>
        own
          .send('approve', own.token.approve.populateTransaction(devnet.market, amount))
          .then((receipt) => (over++, receipt));
      const sending = [approve(5n), approve(6n)];
      await until(async () => (await nonces(own)) === nonce + 2);
      expect(over).to.equal(0);
      await devnet.provider.send('anvil_rollback', [2]);
      await until(async () => sent() >= before + 4 && (await nonces(own)) === nonce + 2);
      expect(over).to.equal(0);
      await devnet.provider.send('evm_mine', []);
      await devnet.provider.send('evm_mine', []);
      expect((await Promise.all(sending)).map(({ status }) => status)).to.deep.equal([1, 1]);
      expect(await nonces(own)).to.equal(nonce + 2);
      expect(await own.token.allowance(own.account!, devnet.market)).to.equal(6n);
      await own.close();
    });

    it('says so when a reorganisation gives its place to another', async () => {
      const options = { rpc: node.url, market: devnet.market, account: 'devnet:2', confirmations: 3 };
      const own = await openMarket(options);
      // What is asked for once the receipt is there.
      const counted = (): number => node.asked.get('eth_blockNumber') ?? 0;
      const before = counted();
      const other = new NonceManager(new Wallet(devnetKeys()[2]!, devnet.provider));
      const sending = codeOf(() =>
        own.send('approve', own.token.approve.populateTransaction(devnet.market, 3n * TOKEN)),
      );
      await until(() => Promise.resolve(counted() > before + 1));
      await devnet.provider.send('evm_setAutomine', [false]);
      try {
        await devnet.provider.send('anvil_rollback', [1]);
        await devnet.provider.send('anvil_dropAllTransactions', []);
        await devnet.provider.send('anvil_setNonce', [own.account, '0x1']);
        await devnet.provider.send('evm_mine', []);
        expect(await sending).to.equal('N0403');
      } finally {
        await devnet.provider.send('evm_setAutomine', [true]);
      }
      expect(await own.token.allowance(own.account!, devnet.market)).to.equal(0n);
      await (await other.sendTransaction({ to: own.account!, value: 1n })).wait();
      await own.close();
    });
  });

  it('are borne where blocks are slow', async () => {
    const slow = await startMarketDevnet({ windows: 10, blockTime: 1 });
    const own = await slow.client(1);
    await fund(own, 50n * TOKEN);
    // Two at once share a block or not: both come through.
    const send = async (artefacts: string) =>
      own.send('submit', own.market.submit.populateTransaction(await bareSubmission(own, { artefacts })));
    await Promise.all([send('one'), send('two')]);
    expect(await tasks(own)).to.have.lengthOf(2);
    await own.close();
    await slow.stop();
  });
});

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await done()); await sleep(20)) {
    if (Date.now() > end) throw new Error('it did not come to that');
  }
}
