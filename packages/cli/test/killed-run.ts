/** Runs of examples in a process of their own, which kill -9 ends somewhere on the way. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const CHILD = fileURLToPath(new URL('./example-child.js', import.meta.url));

interface Run {
  /** Compiled job, and the folder of its run. */
  readonly job: string;
  readonly home: string;
  /** The run ends after these steps where that is not the end of the job. */
  readonly until?: number;
  readonly device?: 'cpu' | 'webgpu';
  readonly env?: NodeJS.ProcessEnv;
}

function childOf(
  { job, home, until, device = 'cpu', env = process.env }: Run,
  killAt?: number,
): SpawnSyncReturns<string> {
  const options = { ...(killAt === undefined ? {} : { killAt }), ...(until === undefined ? {} : { until }) };
  const args = [CHILD, job, home, device, JSON.stringify(options)];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env });
}

/** Runs, or goes on, to the end; returns the step that it started from and the state root that it ends with. */
export function wholeRun(run: Run): { readonly start: number; readonly root: string } {
  const { status, stdout, stderr } = childOf(run);
  expect(status, stderr).to.equal(0);
  return {
    start: Number(/^start (\d+)$/m.exec(stdout)![1]),
    root: /^end ([0-9a-f]{64})$/m.exec(stdout)![1]!,
  };
}

/** The state root that a run of so many steps ends with, killed at a random one of their first nine tenths and then resumed. */
export function rootAfterKill({ steps, ...run }: Run & { readonly steps: number }): string {
  const killAt = 1 + Math.floor(Math.random() * steps * 0.9);
  const { signal, stdout, stderr } = childOf(run, killAt);
  expect(signal, stderr).to.equal('SIGKILL');
  const reached = Number([...stdout.matchAll(/^progress (\d+)$/gm)].at(-1)![1]);
  expect(reached).to.be.within(killAt, steps);
  const { start, root } = wholeRun(run);
  expect(start).to.be.at.most(reached);
  return root;
}
