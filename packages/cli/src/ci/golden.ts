/** Recorded roots of a job: what its graph, its data and its states must be on every machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GensynError, type CheckpointRecord, type Manifest } from '@gensyn/ir';

export interface Golden {
  /** Values of the job's params, for a version of the job that is short enough. */
  readonly set?: Readonly<Record<string, string>>;
  readonly graphRoot: string;
  readonly evalRoot: string;
  readonly dataRoot: string;
  /** State root by number of steps done, ascending. */
  readonly states: Readonly<Record<string, string>>;
}

/** golden.json beside a job.gml, `<name>.golden.json` beside a `<name>.gml`. */
export function goldenFile(job: string): string {
  const stem = basename(job, '.gml');
  return join(dirname(job), stem === 'job' ? 'golden.json' : `${stem}.golden.json`);
}

const ROOT = /^[0-9a-f]{64}$/;

/** Undefined where nothing is recorded. Errors: U0208 for a file that is no record. */
export function readGolden(job: string): Golden | undefined {
  const file = goldenFile(job);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GensynError('U0208', `${file} cannot be read`, { cause });
  }
  let golden: Golden;
  try {
    golden = JSON.parse(text) as Golden;
  } catch (cause) {
    throw new GensynError('U0208', `${file} is not JSON`, { cause });
  }
  const isRoot = (value: unknown): boolean => typeof value === 'string' && ROOT.test(value);
  const entries = (value: unknown): [string, unknown][] =>
    typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const right =
    typeof golden === 'object' &&
    golden !== null &&
    [golden.graphRoot, golden.evalRoot, golden.dataRoot].every(isRoot) &&
    entries(golden.states).length > 0 &&
    entries(golden.states).every(([step, root]) => /^\d+$/.test(step) && isRoot(root)) &&
    (golden.set === undefined || entries(golden.set).every(([, value]) => typeof value === 'string'));
  if (right) return golden;
  throw new GensynError('U0208', `${file} does not hold the roots of a job`, {
    help: '`gensyn ci --update` writes it anew',
  });
}

/** Records of the start, the first checkpoint, the one at 200 steps or just after, and the end. */
export function writeGolden(
  job: string,
  manifest: Manifest,
  records: readonly CheckpointRecord[],
  set: Readonly<Record<string, string>> | undefined,
): void {
  const { graphRoot, evalRoot, dataRoot, steps, checkpointEvery } = manifest;
  const kept = new Set([0, checkpointEvery, checkpointEvery * Math.ceil(200 / checkpointEvery), steps]);
  const states = Object.fromEntries(
    records.filter(({ step }) => kept.has(step)).map(({ step, stateRoot }) => [step, stateRoot]),
  );
  const golden: Golden = { ...(set ? { set } : {}), graphRoot, evalRoot, dataRoot, states };
  writeFileSync(goldenFile(job), `${JSON.stringify(golden, undefined, 2)}\n`);
}
