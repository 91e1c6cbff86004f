/** gensyn fmt: jobs in the one layout. */
import { Args, Flags } from '@oclif/core';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { GensynError } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { findJob, sourceOnly } from '../find-job.js';

export class Fmt extends GensynCommand {
  static override summary = 'Bring jobs into the one layout; comments stay.';
  static override strict = false;
  static override examples = [
    { description: 'The job of this folder:', command: '<%= config.bin %> fmt' },
    {
      description: 'Only say which files would change, and exit with 1 if any does:',
      command: '<%= config.bin %> fmt --check job.gml layers.gml',
    },
    { description: 'From standard input to standard output:', command: '<%= config.bin %> fmt - < job.gml' },
  ];
  static override args = {
    files: Args.string({ description: '.gml files, folders with one, or - for standard input.' }),
  };
  static override flags = {
    check: Flags.boolean({
      char: 'c',
      description: 'Change nothing; exit with 1 if a file is not formatted.',
    }),
  };

  override async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Fmt);
    const { format } = await import('@gensyn/dsl');
    const names = argv as string[];
    if (names.includes('-')) {
      const text = readFileSync(0, 'utf8');
      const formatted = format(text, '-');
      if (flags.check) process.exitCode = text === formatted ? EXIT.ok : EXIT.failure;
      if (this.jsonEnabled()) return { formatted };
      if (!flags.check) process.stdout.write(formatted);
      return undefined;
    }
    const paths = (names.length === 0 ? [undefined] : names).map((name) =>
      name?.endsWith('.gml') ? name : sourceOnly(findJob(name)).path,
    );
    const changed: string[] = [];
    for (const path of paths) {
      const text = read(path);
      const formatted = format(text, path);
      if (formatted === text) continue;
      changed.push(path);
      if (!flags.check) replace(path, formatted);
    }
    if (flags.check && changed.length > 0) process.exitCode = EXIT.failure;
    if (this.jsonEnabled()) return { files: paths, changed };
    for (const path of changed) this.log(flags.check ? `${path} is not formatted` : path);
    if (changed.length === 0)
      this.log(paths.length === 1 ? `${paths[0]} is formatted` : `all ${paths.length} files are formatted`);
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GensynError('U0203', `cannot read ${path}`, { cause });
  }
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new GensynError('L0002', `cannot write ${path}`, { cause });
  }
}
