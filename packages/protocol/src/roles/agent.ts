/** A role at work: what the loop drives. */

export interface Agent {
  /** Looks at what the chain says now and begins whatever is to be done. Safe to call again at any time. */
  tick(): Promise<void>;
  /** Whether nothing is left to do. */
  done(): Promise<boolean>;
}
