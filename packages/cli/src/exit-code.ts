/** What the exit code of the command says. */

export const EXIT = { ok: 0, failure: 1, usage: 2, fraud: 3, storage: 4, interrupted: 130 } as const;

/** Full disks and folders that cannot be written. */
const STORAGE: ReadonlySet<string> = new Set(['R0501', 'R0503', 'D0160', 'L0002']);

/** Options that ask for what there is not, found by other packages. */
const USAGE: ReadonlySet<string> = new Set(['V0301', 'V0302', 'V0303', 'R0601']);

export function exitCodeOf(code: string): number {
  if ((code.startsWith('U') && code !== 'U0900') || USAGE.has(code)) return EXIT.usage;
  if (code.startsWith('N') || STORAGE.has(code)) return EXIT.storage;
  return EXIT.failure;
}
