/** What the exit code of the command says. */

export const EXIT = { ok: 0, failure: 1, usage: 2, fraud: 3, storage: 4, interrupted: 130 } as const;

/** Full disks and folders that cannot be written. */
const STORAGE: ReadonlySet<string> = new Set(['R0501', 'R0503', 'D0160', 'L0002']);

/** Options that ask for what there is not, found by other packages. */
const USAGE: ReadonlySet<string> = new Set([
  'V0301',
  'V0302',
  'V0303',
  'R0601',
  'N0404',
  'N0405',
  'N0505',
  'N0601',
  'N0605',
  'N0606',
  'N0608',
]);

export function exitCodeOf(code: string): number {
  if ((code.startsWith('U') && code !== 'U0900') || USAGE.has(code)) return EXIT.usage;
  // Games, refusals of the chain, accounts and roles: nothing is wrong with the network.
  if (/^N0[3467]/.test(code) && code !== 'N0403' && code !== 'N0410') return EXIT.failure;
  if (code.startsWith('N') || STORAGE.has(code)) return EXIT.storage;
  return EXIT.failure;
}
