/** One thing in a claimed run that is not as it must be. */

export interface Finding {
  /** V01## structure of the proof, V02## a replay; `gensyn explain` tells more. */
  readonly code: string;
  readonly message: string;
  /** Step of the record concerned. */
  readonly step?: number;
  /** What stands in the claim and what it should be, where both are single values. */
  readonly claimed?: string | number;
  readonly expected?: string | number;
}
