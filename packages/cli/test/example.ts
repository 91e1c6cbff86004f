/** The committed examples, compiled and trained through the packages' own interfaces, for tests. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileJob, type Compiled } from '@gensyn/dsl';
import { train, type Device, type Job, type TrainEvent } from '@gensyn/runtime';

export const EXAMPLES = fileURLToPath(new URL('../../../../examples', import.meta.url));

/** What `npm run golden:update` writes beside each job. */
export interface Golden {
  readonly graphRoot: string;
  readonly evalRoot: string;
  readonly dataRoot: string;
  /** State root by number of steps done, ascending; the last is the final one. */
  readonly states: Readonly<Record<string, string>>;
}

export function goldenOf(name: string): Golden {
  return JSON.parse(fs.readFileSync(path.join(EXAMPLES, name, 'golden.json'), 'utf8')) as Golden;
}

export interface ExampleOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly float?: boolean;
  /** Changes the text of the job, which is then compiled from a copy of its folder. */
  readonly edit?: (text: string) => string;
}

/** The parameters with which an example, or its short version, compiles here; undefined where its data is not to be found. */
export async function settingsOf(
  name: string,
  options: { readonly short?: boolean } = {},
): Promise<Record<string, string> | undefined> {
  const script = path.join(EXAMPLES, '../scripts/examples.mjs');
  const found = (await import(script)) as {
    settingsOf: (name: string, options: { readonly short?: boolean }) => Record<string, string> | undefined;
  };
  return found.settingsOf(name, options);
}

/** Compiles examples/<name> into `out`. */
export async function compileExample(
  name: string,
  out: string,
  { set, float, edit }: ExampleOptions = {},
): Promise<Compiled> {
  let job = path.join(EXAMPLES, name, 'job.gml');
  if (edit) {
    const copy = `${out}.source`;
    fs.cpSync(path.join(EXAMPLES, name), copy, { recursive: true });
    job = path.join(copy, 'job.gml');
    const text = fs.readFileSync(job, 'utf8');
    const edited = edit(text);
    if (edited === text) throw new Error('the edit changed nothing');
    fs.writeFileSync(job, edited);
  }
  return compileJob({ job, out, ...(set ? { set } : {}), ...(float ? { float } : {}) });
}

export interface Trained {
  /** State root by step. */
  readonly states: Readonly<Record<string, string>>;
  /** The last holdout evaluation. */
  readonly holdout: Readonly<Record<string, number>> | undefined;
  readonly end: Extract<TrainEvent, { kind: 'end' }>;
}

/** Trains to the end; the holdout rows are evaluated once, at the last step, if at all. */
export async function trainExample(
  job: Job,
  folder: string,
  device: Device,
  holdout = false,
): Promise<Trained> {
  const states: Record<string, string> = {};
  let evaluated: Trained['holdout'];
  let end: Trained['end'] | undefined;
  for await (const event of train(job, { folder, device, holdoutEvery: holdout ? 1_000_000 : 0 })) {
    if (event.kind === 'checkpoint' && event.holdout) evaluated = event.holdout;
    if (event.kind === 'end') end = event;
  }
  if (!end) throw new Error('the run did not end');
  for (const { step, stateRoot } of end.records) states[step] = stateRoot;
  return { states, holdout: evaluated, end };
}
