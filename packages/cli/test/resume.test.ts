/** A run that is cut off, politely or not, ends in the same state as one that is not. */
import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface RunDocument {
  readonly finished: boolean;
  readonly resumed: boolean;
  readonly stateRoot: string;
}

describe('a run that is cut off', function () {
  const folder = temporaryFolder();
  const at = { cwd: folder };
  let root: string;
  before(async () => {
    writeTinyJob(folder, { steps: 6000, every: 250 });
    const { document } = await gensynJson<RunDocument>(['run', '--out', 'whole'], at);
    root = document.stateRoot;
  });

  /** Starts a run and sends it the signal once it has stored something. */
  function interrupted(
    run: string,
    signal: NodeJS.Signals,
    args: readonly string[] = [],
  ): ReturnType<typeof gensyn> {
    let sent = false;
    return gensyn(['run', '--out', run, ...args], {
      ...at,
      watch(child) {
        const checkpoints = join(folder, run, 'checkpoints');
        if (sent || !existsSync(checkpoints) || readdirSync(checkpoints).length === 0) return;
        sent = true;
        child.kill(signal);
      },
    });
  }

  it('by Ctrl-C stores a checkpoint, says how to go on and exits with 130', async () => {
    const stopped = await interrupted('polite', 'SIGINT');
    expect(stopped.code).to.equal(130);
    expect(stopped.stderr).to.include('Stopping at the next checkpoint');
    expect(stopped.stdout).to.include('gensyn run polite --resume');
    const { code, document } = await gensynJson<RunDocument>(['run', 'polite', '--resume'], at);
    expect(code).to.equal(0);
    expect(document).to.include({ finished: true, resumed: true, stateRoot: root });
  });

  it('by kill -9 goes on from its last checkpoint', async () => {
    const killed = await interrupted('killed', 'SIGKILL');
    expect(killed.signal).to.equal('SIGKILL');
    const refused = await gensyn(['run', 'killed'], at);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.match(/stands at step \d+ of 6000/);
    const partly = await gensyn(['verify', 'killed', '--segments', '1'], at);
    expect(partly.code, partly.stderr).to.equal(0);
    const { document } = await gensynJson<RunDocument>(['run', 'killed', '--resume'], at);
    expect(document).to.include({ finished: true, resumed: true, stateRoot: root });
    expect((await gensyn(['verify', 'killed', '--segments', '1,2'], at)).code).to.equal(0);
  });
});
