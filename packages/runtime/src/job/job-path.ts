/** Paths that a manifest names: below the job's folder, whoever wrote them, also through links. */
import fs from 'node:fs';
import path from 'node:path';
import { GensynError } from '@gensyn/ir';

// Backslashes and colons are separators, drives and streams on Windows; control characters have no good use.
// eslint-disable-next-line no-control-regex
const FOREIGN = /[\\:\u0000-\u001f\u007f]/;

/** The file's real path. Errors: R0103 for a path that leaves the folder, R0104 for a file that is not there or no plain file. */
export function jobPath(folder: string, file: string): string {
  const parts = file.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || FOREIGN.test(file)) {
    throw new GensynError(
      'R0103',
      `job.json names a file outside the job's folder: ${JSON.stringify(file.slice(0, 200))}`,
    );
  }
  let real: string;
  let base: string;
  try {
    base = fs.realpathSync(folder);
    real = fs.realpathSync(path.join(base, ...parts));
  } catch (cause) {
    throw new GensynError('R0104', `${file} of the job is missing`, {
      help: 'Compile the job again, or copy its folder whole.',
      cause,
    });
  }
  if (!real.startsWith(base + path.sep))
    throw new GensynError('R0103', `${file} of the job is a link that leaves its folder`);
  if (!fs.statSync(real).isFile()) throw new GensynError('R0104', `${file} of the job is no file`);
  return real;
}
