/** Compiles a job's text into its build folder; shared by `compile` and `run`. */
import type { Compiled } from '@gensyn/dsl';
import { GensynError } from '@gensyn/ir';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder, type SourceJob } from './find-job.js';
import { relocated } from './relocate-errors.js';
import type { Settings } from './settings.js';
import { writePieces } from './write-pieces.js';

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
  const { path, name, text } = job;
  const folder = out ?? buildFolder(job, settings);
  if (text === undefined) return compileJob({ job: path, out: folder, set, float });
  // The text was written for the user, who can see it only where an error points to a file that is there.
  const shown = join(folder, `${name}.gml`);
  try {
    const compiled = await compileJob({ job: path, out: folder, set, float, text });
    rmSync(shown, { force: true });
    return compiled;
  } catch (error) {
    if (!(error instanceof GensynError) || error.span?.file !== path) throw error;
    mkdirSync(folder, { recursive: true });
    writePieces(shown, [Buffer.from(text)]);
    throw await relocated(error, path, shown);
  }
}
