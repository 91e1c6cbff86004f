/** Where the password of an account comes from: a file, else a person at a terminal; never an argument, which other users could see. */
import { GensynError } from '@gensyn/ir';
import { readFileSync } from 'node:fs';

export interface Passwords {
  /** Path of a file; $GENSYN_PASSWORD_FILE by default. */
  readonly file?: string | undefined;
  /** Asks a person without showing what is typed; absent where there is no terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

const LONGEST = 4096;

/** Errors: N0604 nobody to ask, N0609 the file. */
export async function passwordOf(name: string, { file, ask }: Passwords): Promise<string> {
  const path = file ?? (process.env['GENSYN_PASSWORD_FILE'] || undefined);
  if (path !== undefined) return readPassword(path);
  if (!ask) throw new GensynError('N0604', `nobody can be asked for the password of ${name}`, { help: HELP });
  return ask(`password of ${name}`);
}

/** The same for an account that is made: asked for twice. Errors: N0602 where the two differ, N0604, N0609. */
export async function newPassword(name: string, passwords: Passwords): Promise<string> {
  const first = await passwordOf(name, passwords);
  if (first === '') throw new GensynError('N0602', 'the password is empty');
  const file = passwords.file ?? (process.env['GENSYN_PASSWORD_FILE'] || undefined);
  if (file === undefined && (await passwords.ask!('the same again')) !== first)
    throw new GensynError('N0602', 'the two passwords differ');
  return first;
}

const HELP = 'name a file with --password-file or GENSYN_PASSWORD_FILE';

function readPassword(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GensynError('N0609', `the password file ${path} cannot be read`, { cause });
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || password.length > LONGEST)
    throw new GensynError('N0609', `the password file ${path} holds no password`);
  return password;
}
