/** Durable notes of one account on one market: written before the transaction that they are about, so that a killed role goes on. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GensynError } from '@gensyn/ir';
import { lockFolder, syncFolder } from '@gensyn/runtime';

/** Anything that JSON holds. */
export type Note = Readonly<Record<string, unknown>>;

export interface Journal {
  readonly folder: string;
  /** A note by its name ("challenge-12"); undefined where there is none. Errors: N0701 for a damaged one. */
  read<T extends Note>(name: string): T | undefined;
  /** Durable when it returns: whole or not at all. Errors: N0702. */
  write(name: string, note: Note): void;
  /** The note, written now unless it is there: whatever is random in it stays what it was first. */
  once<T extends Note>(name: string, make: () => T): T;
  remove(name: string): void;
  /** Names of the notes that begin with `prefix`. */
  names(prefix: string): string[];
  /** A folder for work on something; created when missing. */
  work(name: string): string;
  removeWork(name: string): void;
  /** Lets another process use it. */
  close(): void;
}

/** Which notes these are: the same address can be another market on a chain that was started anew, so its first block counts. */
export interface JournalPlace {
  readonly home: string;
  readonly chainId: number;
  readonly genesis: string;
  readonly market: string;
  readonly account: string;
  /** Roles of one account keep apart. */
  readonly role: string;
}

const NAME = /^[a-z][a-z0-9-]*$/;

/** Errors: N0702, R0205 while another process of the same role and account runs. */
export function openJournal(place: JournalPlace): Journal {
  const chain = `${place.chainId}-${place.genesis.slice(2, 10)}-${place.market.slice(2, 10).toLowerCase()}`;
  const folder = path.join(place.home, chain, place.account.toLowerCase(), place.role);
  const notes = path.join(folder, 'notes');
  guard(notes, () => fs.mkdirSync(notes, { recursive: true }));
  const lock = lockFolder(folder);
  for (const left of fs.readdirSync(notes)) {
    if (left.endsWith('.partial')) fs.rmSync(path.join(notes, left), { force: true });
  }
  const file = (name: string): string => {
    if (!NAME.test(name)) throw new GensynError('N0702', `'${name}' is no name of a note`);
    return path.join(notes, `${name}.json`);
  };

  const journal: Journal = {
    folder,
    read<T extends Note>(name: string): T | undefined {
      let text: string;
      try {
        text = fs.readFileSync(file(name), 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new GensynError('N0701', `the note ${name} cannot be read`, { cause });
      }
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new GensynError('N0701', `the note ${name} is damaged`, { help: `it is ${file(name)}`, cause });
      }
    },
    write(name, note) {
      const [target, partial] = [file(name), `${file(name)}.partial`];
      guard(target, () => {
        const handle = fs.openSync(partial, 'w');
        try {
          fs.writeFileSync(handle, `${JSON.stringify(note)}\n`);
          fs.fsyncSync(handle);
        } finally {
          fs.closeSync(handle);
        }
        fs.renameSync(partial, target);
        syncFolder(notes);
      });
    },
    once<T extends Note>(name: string, make: () => T): T {
      const known = journal.read<T>(name);
      if (known) return known;
      const made = make();
      journal.write(name, made);
      return made;
    },
    remove: (name) => fs.rmSync(file(name), { force: true }),
    names: (prefix) =>
      fs
        .readdirSync(notes)
        .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length)),
    work(name) {
      const made = path.join(folder, 'work', name);
      guard(made, () => fs.mkdirSync(made, { recursive: true }));
      return made;
    },
    removeWork: (name) => fs.rmSync(path.join(folder, 'work', name), { recursive: true, force: true }),
    close: () => lock.release(),
  };
  return journal;
}

/** 32 random bytes, 0x-prefixed. */
export const newSalt = (): string => `0x${randomBytes(32).toString('hex')}`;

function guard(file: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new GensynError('N0702', `${path.basename(file)} cannot be written`, {
      notes: [{ message: (cause as NodeJS.ErrnoException).code ?? String(cause) }],
      help: `roles keep their notes in ${path.dirname(file)}`,
      cause,
    });
  }
}
