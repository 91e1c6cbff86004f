/** Compiles a job's text into its build folder; shared by `compile` and `run`. */
import type { Compiled } from '@gensyn/dsl';
import { buildFolder, type SourceJob } from './find-job.js';
import type { Settings } from './settings.js';

export interface CompileRequest {
  readonly job: SourceJob;
  readonly settings: Settings;
  readonly set: Readonly<Record<string, string>>;
  /** Folder of the compiled job; build/<name> beside the job when not given. */
  readonly out?: string | undefined;
  readonly float?: boolean;
}

/** @throws DiagnosticsError, GensynError L####, D#### */
export async function compileSource({
  job,
  settings,
  set,
  out,
  float = false,
}: CompileRequest): Promise<Compiled> {
  const [{ compileJob }, { installFastHash }] = await Promise.all([
    import('@gensyn/dsl'),
    import('@gensyn/runtime'),
  ]);
  await installFastHash();
  return compileJob({
    ...{ job: job.path, out: out ?? buildFolder(job, settings), set, float },
    ...(job.text === undefined ? {} : { text: job.text }),
  });
}
