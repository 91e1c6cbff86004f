/** gensyn devnet: up, status and down, and the exit codes of each. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder } from './gensyn.js';

interface Running {
  readonly running: boolean;
  readonly began?: boolean;
  readonly url?: string;
  readonly pid?: number;
}

describe('devnet', () => {
  // Before the folder is deleted.
  after(() => gensyn(['devnet', 'down'], { env: options.env }));
  const folder = temporaryFolder();
  const options = { cwd: folder, env: { GENSYN_DEVNET: join(folder, 'devnet') } };

  it('goes up once, is found, and comes down', async () => {
    expect((await gensyn(['devnet', 'status'], options)).code).to.equal(1);
    const up = await gensynJson<Running>(['devnet', 'up', '--state', 'chain.json'], options);
    expect([up.code, up.document.running, up.document.began]).to.deep.equal([0, true, true]);
    const status = await gensynJson<Running>(['devnet', 'status'], options);
    expect([status.code, status.document.pid, status.document.url]).to.deep.equal([
      0,
      up.document.pid,
      up.document.url,
    ]);
    const answer = await fetch(up.document.url!, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
    });
    expect(await answer.json()).to.deep.include({ result: '0x7a69' });
    expect((await gensynJson<Running>(['devnet', 'up'], options)).document.began).to.equal(false);
    const down = await gensynJson<Running>(['devnet', 'down'], options);
    expect([down.code, down.document.running, down.document.pid]).to.deep.equal([0, false, up.document.pid]);
    expect(existsSync(join(folder, 'chain.json'))).to.equal(true);
    expect((await gensynJson<Running>(['devnet', 'down'], options)).document).to.deep.equal({
      running: false,
    });
  });

  it('finds its market again, with its parameters', async () => {
    interface Market extends Running {
      readonly market: string;
    }
    const first = await gensynJson<Market>(
      ['devnet', 'up', '--state', 'kept.json', '--windows', '20'],
      options,
    );
    expect(first.document.market).to.match(/^0x/);
    await gensyn(['devnet', 'down'], options);
    const second = await gensynJson<Market>(['devnet', 'up', '--state', 'kept.json'], options);
    expect(second.document.market).to.equal(first.document.market);
    const shown = await gensynJson<{ values: { commitTime: number } }>(['governance', 'show'], options);
    expect(shown.document.values.commitTime).to.equal(20);
    const before = await gensynJson<{ time: number }>(['devnet', 'wait', '1s'], options);
    const after = await gensynJson<{ time: number }>(['devnet', 'wait', '2h'], options);
    expect(after.document.time - before.document.time).to.be.within(7200, 7260);
    await gensyn(['devnet', 'down'], options);
  });

  it('says what is wrong', async () => {
    const cases: [string[], Record<string, string>, number, string][] = [
      [['down', '--port', '1'], {}, 2, 'U0106'],
      [['sideways'], {}, 2, 'U0105'],
      [['wait'], {}, 2, 'U0103'],
      [['wait', '1s'], {}, 4, 'N0201'],
      [['up', '--windows', '5'], {}, 2, 'U0105'],
      [['up'], { GENSYN_ANVIL: '/nonexistent/anvil' }, 4, 'N0101'],
      [['up'], { GENSYN_ANVIL: '/bin/false' }, 4, 'N0102'],
      [['up', '--state', 'none/chain.json'], {}, 4, 'N0103'],
    ];
    for (const [args, env, code, name] of cases) {
      const outcome = await gensynJson<{ error: { code: string } }>(['devnet', ...args], {
        ...options,
        env: { ...options.env, ...env },
      });
      expect([outcome.code, outcome.document.error.code]).to.deep.equal([code, name]);
    }
  });
});
