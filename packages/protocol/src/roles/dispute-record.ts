/** A pinpoint game as anybody can tell it from the chain: what live views and reports of a dispute show. Plain JSON. */
import type { Span } from '@gensyn/ir';
import type { Level, Side } from '../pinpoint/index.js';

/** What happened in a transaction that belongs to the dispute. */
export type DisputeAction = 'commit' | 'challenge' | 'move' | 'judge' | 'flag' | 'resolve' | 'takeBack';

export interface DisputeTransaction {
  readonly action: DisputeAction;
  readonly hash: string;
  readonly block: number;
  /** Seconds since 1970, of the block. */
  readonly time: number;
  readonly sender: string;
  /** Whose cost it was; undefined where somebody else sent it. */
  readonly side: Side | undefined;
  readonly gas: number;
}

/** One move: the challenge (number 0, which opens the challenger's root), then those of both sides in turn. */
export interface DisputeMove {
  readonly number: number;
  readonly block: number;
  readonly time: number;
  readonly transaction: string;
  readonly side: Side;
  readonly gas: number;
  /** Where the game stands after it: tree, binary levels to its leaves, and the node in dispute in its row. */
  readonly level: Level;
  readonly depth: number;
  readonly index: number;
  /** Which of the other's descendants was named as the first difference; undefined at a leaf and for the challenge. */
  readonly branch: number | undefined;
  /** Of the defender and of the challenger, 0x-prefixed; at level 'value' 32 bits in the last bytes, or a digest. */
  readonly nodes: readonly [string, string];
  /** Seconds that this side took for it. */
  readonly seconds: number;
}

/** A leaf that the descent has come to, from the top down. */
export interface DisputePlace {
  readonly level: Exclude<Level, 'value'>;
  /** Which leaf, and of how many. */
  readonly index: number;
  readonly of: number;
  /** For people: "checkpoint 11 of 16", "step 437", "MatMul in job.gml:12:5", "element [3, 17]", "term 777". */
  readonly label: string;
  /** Leaves of the defender and of the challenger, 0x-prefixed. */
  readonly nodes: readonly [string, string];
}

/** What is known of the value in dispute so far; steps count as the chain does. */
export interface DisputedValue {
  readonly step: number | undefined;
  readonly operator:
    | {
        readonly node: number;
        /** The rest needs the job. `op` is undefined for the state after the step, named "state". */
        readonly name: string | undefined;
        readonly op: string | undefined;
        readonly type: string | undefined;
        readonly span: Span | undefined;
        /** Text of that line of the job. */
        readonly source: string | undefined;
      }
    | undefined;
  readonly element:
    | { readonly index: number; readonly of: number; readonly indices: readonly number[] | undefined }
    | undefined;
  readonly term: { readonly index: number; readonly of: number } | undefined;
}

/** A value with its bits; `value` is undefined for the digest of a state entry. */
export interface ShownValue {
  readonly bits: string;
  readonly value: number | undefined;
}

export interface DisputeOperand {
  readonly node: number;
  readonly name: string;
  readonly op: string;
  readonly element: number;
  readonly value: number;
}

export interface DisputeVerdict {
  readonly outcome: 'defender' | 'challenger' | 'neither';
  /** The referee computed the value; a clock was empty; or a move itself showed that one side had committed to nonsense. */
  readonly by: 'referee' | 'clock' | 'move';
  /** What the chain computed; only with `by: 'referee'`. */
  readonly right: ShownValue | undefined;
  /** Of the defender and of the challenger; undefined where the game ended above a value. */
  readonly values: readonly [ShownValue, ShownValue] | undefined;
  /** What the right value follows from, where a machine has recomputed the step. */
  readonly operands: readonly DisputeOperand[] | undefined;
}

/** What the end of the dispute moved, in the token's smallest unit, as decimal text. */
export interface DisputeMoney {
  readonly bond: string;
  readonly stake: string;
  /** Slashed in the transaction that resolved it; winner undefined where there was none, or where `won` waits for all that are right. */
  readonly slashed: readonly {
    readonly amount: string;
    readonly winner: string | undefined;
    readonly won: string;
    readonly burned: string;
    /** What went to the jackpot, less the bonus taken from it. */
    readonly jackpot: string;
  }[];
  /** Whether the challenger has its bond back; undefined while the dispute goes on. */
  readonly bondReturned: boolean | undefined;
}

export interface DisputeRecord {
  readonly format: 'gensyn-dispute/1';
  readonly chainId: number;
  readonly market: string;
  readonly task: number;
  readonly claim: number;
  readonly challenge: number;
  readonly game: number;
  /** 0 where the claim itself is disputed, else the seat whose attestation is. */
  readonly seat: number;
  readonly defender: string;
  readonly challenger: string;
  /** Of the defender and of the challenger. */
  readonly roots: readonly [string, string];
  /** Seconds since 1970 at which the game began and, once it has, ended. */
  readonly started: number;
  readonly ended: number | undefined;
  /** Steps in dispute at the beginning: from (as the chain counts), how many, and between two checkpoints. */
  readonly run: { readonly from: number; readonly steps: number; readonly interval: number };
  readonly moves: readonly DisputeMove[];
  readonly path: readonly DisputePlace[];
  /** While the game goes on: whose turn it is and the seconds it has left. */
  readonly turn: { readonly side: Side; readonly left: number } | undefined;
  readonly disputed: DisputedValue;
  readonly verdict: DisputeVerdict | undefined;
  /** Of both sides and everybody else, in order. */
  readonly transactions: readonly DisputeTransaction[];
  readonly gas: {
    readonly defender: number;
    readonly challenger: number;
    readonly others: number;
    readonly total: number;
  };
  readonly money: DisputeMoney;
}
