/** The states of a run that somebody holds, can compute or can fetch. */
import type { State } from '@gensyn/ir';

export interface States {
  /** The state after `step` steps; asked for at the ends of checkpoint intervals. Errors: N0501 where it cannot be had. */
  at(step: number): Promise<State>;
}
