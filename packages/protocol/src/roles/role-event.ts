/** What roles tell whoever watches them. */

/** One line for people, and the numbers that it is about for programs. */
export interface RoleEvent {
  readonly kind: RoleEventKind;
  readonly role: RoleName;
  readonly text: string;
  readonly task?: number;
  readonly claim?: number;
  readonly seat?: number;
  readonly challenge?: number;
  readonly game?: number;
  readonly transaction?: string;
  /** Of an error. */
  readonly code?: string;
  readonly [more: string]: unknown;
}

export type RoleName = 'solver' | 'verifier' | 'whistleblower' | 'player';

export type RoleEventKind =
  /** Begins, with who and where; ends. */
  | 'start'
  | 'stop'
  /** A transaction of ours is in a block. */
  | 'sent'
  /** Training or replaying: begins, goes on, has ended. */
  | 'work'
  | 'progress'
  | 'checkpoint'
  /** A task was looked at and left alone. */
  | 'refused'
  /** A claim or attestation is not what we computed. */
  | 'wrong'
  | 'matches'
  | 'unavailable'
  /** A game was ended, a claim ended: with how. */
  | 'verdict'
  | 'ended'
  /** Something failed and will be tried again. */
  | 'retry'
  | 'error';

export type Emit = (event: Omit<RoleEvent, 'role'>) => void;
