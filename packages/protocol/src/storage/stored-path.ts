/** Names and paths inside stored folders, which strangers choose and which become files on this disk. */
import { GensynError } from '@gensyn/ir';

// Backslashes and colons are separators, drives and streams on Windows; control characters have no good use.
// eslint-disable-next-line no-control-regex
const FOREIGN = /[/\\:\u0000-\u001f\u007f]/;
const MAX_NAME = 255;

/** The name of a file or folder, if it can be nothing else than that. Errors: N0502. */
export function safeName(name: string): string {
  if (
    name === '' ||
    name === '.' ||
    name === '..' ||
    FOREIGN.test(name) ||
    /\p{Surrogate}/u.test(name) ||
    Buffer.byteLength(name) > MAX_NAME
  )
    throw new GensynError('N0502', `${JSON.stringify(name.slice(0, 200))} is no name of a file`);
  return name;
}

/** The names that a path consists of. Errors: N0502. */
export function safeParts(path: string): string[] {
  return path.split('/').map(safeName);
}
