/** Runs the built command as a process of its own, in a folder of its own, away from the settings of whoever runs the tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const BINARY = join(ROOT, 'packages/cli/bin/run.js');

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Sees the process and what it has said on stderr so far, whenever it says something. */
  readonly watch?: (child: ChildProcess, stderr: string) => void;
}

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(GENSYN_|NO_COLOR$|FORCE_COLOR$|CI$|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: '/nonexistent', ...extra };
}

export function gensyn(args: readonly string[], { cwd, env, input, watch }: Options = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BINARY, ...args], { cwd, env: environment(env) });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => {
      stderr += text;
      watch?.(child, stderr);
    });
    child.stdin.end(input ?? '');
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs it with --json and reads the one document on stdout. */
export async function gensynJson<T = Record<string, unknown>>(
  args: readonly string[],
  options: Options = {},
): Promise<Outcome & { document: T }> {
  const outcome = await gensyn([...args, '--json'], options);
  return { ...outcome, document: JSON.parse(outcome.stdout) as T };
}

/** A folder that is deleted after the tests of the suite. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A job that trains in a moment: which of two numbers is larger. */
export function writeTinyJob(folder: string, { steps = 40, every = 10, name = 'job.gml' } = {}): void {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const [a, b] = [(i * 7) % 16, (i * 11 + 3) % 16];
    return `${a},${b},${a > b ? 1 : 0}`;
  });
  writeFileSync(join(folder, 'pairs.csv'), `${rows.join('\n')}\n`);
  writeFileSync(
    join(folder, name),
    `param width = 4

data pairs from "pairs.csv" {
  x: f32[2] = columns 0..1 / 16
  larger: class[2] = column 2
}

model m(x: f32[n, 2]) -> f32[n, 2] {
  let h = relu(linear(x, width))
  linear(h, 2)
}

train {
  model = m(pairs.x)
  loss = cross_entropy(model, pairs.larger)
  metrics = accuracy(model, pairs.larger)
  optimizer = adam(lr = 1e-2)
  batch = 10
  steps = ${steps}
  seed = 1
  holdout = 20%
}

verify {
  checkpoint every ${every} steps
  sample 10%
}
`,
  );
}
