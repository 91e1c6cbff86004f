/** What has happened on a market so far, out of its events, and where its tasks and claims stand: what roles decide by. */
import { artifacts } from '@gensyn/contracts';
import { Interface, type Block, type Log, type LogDescription } from 'ethers';
import {
  asksTooMuch,
  claimEnded,
  readClaim,
  readTask,
  textOf,
  type Claim,
  type MarketClient,
  type Task,
} from '../chain/index.js';
import { OUTCOMES, readDescent, type Descent, type Side } from '../pinpoint/index.js';

export interface Delivery {
  readonly records: number;
  readonly root: string;
  readonly state: string;
  /** CID as the solver names it: hostile. */
  readonly artefacts: string;
}

export interface SeenTask {
  readonly submitter: string;
  /** CID as the submitter names it: hostile. */
  readonly artefacts: string;
  /** With the submission. */
  readonly block: number;
}

export interface SeenClaim {
  readonly id: number;
  readonly task: number;
  readonly solver: string;
  /** Of the task's steps. */
  readonly from: number;
  readonly deliveries: Delivery[];
  seats: readonly number[];
  /** Operator lists that seats attested to. */
  readonly attested: Map<number, string>;
}

export interface SeenChallenge {
  readonly number: number;
  readonly claim: number;
  readonly challenger: string;
  readonly seat: number;
  readonly game: number;
  /** Where a piece of a state is wanted: of which, as the contract counts. Bigints, for anybody may ask for what there is not. */
  readonly demand?: { readonly record: number; readonly entry: bigint; readonly piece: bigint };
  resolved: boolean;
  /** The winner's part has been paid. */
  paid: boolean;
}

export interface SeenGame {
  readonly game: number;
  /** Players: defender, challenger. */
  players: readonly [string, string];
  last: { readonly side: Side; readonly descent: Descent; readonly opened: readonly string[] } | undefined;
  outcome: (typeof OUTCOMES)[number];
}

export interface View {
  /** Newest block that was read. */
  readonly block: number;
  /** Seconds that the next block would carry, when the view was refreshed. */
  readonly now: number;
  /** How often the chain was found to have gone another way: what was remembered of it before may no longer hold. */
  readonly turns: number;
  readonly submitted: ReadonlyMap<number, SeenTask>;
  readonly claims: ReadonlyMap<number, SeenClaim>;
  readonly challenges: ReadonlyMap<number, SeenChallenge>;
  readonly games: ReadonlyMap<number, SeenGame>;
  /** Seats and who holds them. */
  readonly seats: ReadonlyMap<number, string>;
  /**
   * Reads on to the newest block; from the beginning after a reorganisation. A node behind others is waited for. One at a time: what is
   * asked for meanwhile begins after. True if there was anything new. Errors: N0205 and others of the connection.
   */
  refresh(): Promise<boolean>;
  task(id: number): Promise<Task>;
  claim(id: number): Promise<Claim>;
  /** Claims that have not ended, oldest first. */
  running(): Promise<readonly Claim[]>;
}

const MARKET = new Interface(artifacts.TaskMarket.abi as object[]);
const PINPOINT = new Interface(artifacts.Pinpoint.abi as object[]);
/** Blocks that are asked for at once; fewer for a while where an endpoint finds that too much. */
const MOST_BLOCKS = 10_000;
/** Blocks that are read again with the next ones: a node behind others may not have had all of their events. */
const AGAIN = 16;

export function openView(client: MarketClient): View {
  const submitted = new Map<number, SeenTask>();
  const claims = new Map<number, SeenClaim>();
  const challenges = new Map<number, SeenChallenge>();
  const games = new Map<number, SeenGame>();
  const seats = new Map<number, string>();
  const all = [submitted, claims, challenges, games, seats] as const;
  let last: { number: number; hash: string } | undefined;
  let now = 0;
  let turns = 0;
  let span = MOST_BLOCKS;
  /** Hashes of the last heads, oldest first. */
  let heads = new Map<number, string>();
  /** Events of the last blocks, and the last one that was taken. */
  let taken = new Map<string, number>();
  let newestTaken = { block: -1, index: -1 };
  let refreshing: Promise<unknown> = Promise.resolve();
  /** What was read at the newest block, and what can no longer change. */
  let fresh = new Map<string, Promise<unknown>>();
  let final = new Map<number, Claim>();
  let over = new Map<number, Task>();
  let addresses: string[] | undefined;

  function reset(): void {
    for (const map of all) map.clear();
    [last, fresh, final, over] = [undefined, new Map(), new Map(), new Map()];
    [heads, taken, newestTaken] = [new Map(), new Map(), { block: -1, index: -1 }];
  }

  async function logs(fromBlock: number, toBlock: number): Promise<Log[]> {
    addresses ??= await Promise.all([client.market.getAddress(), client.pinpoint.getAddress()]);
    const found: Log[] = [];
    for (let at = fromBlock; at <= toBlock;) {
      const end = Math.min(toBlock, at + span - 1);
      try {
        found.push(
          ...(await client.provider.getLogs({
            address: addresses as unknown as string,
            fromBlock: at,
            toBlock: end,
          })),
        );
        at = end + 1;
        span = Math.min(MOST_BLOCKS, span * 2);
      } catch (cause) {
        const asked = end - at + 1;
        if (asked === 1 || !asksTooMuch(cause)) throw cause;
        span = Math.floor(asked / 2);
      }
    }
    return found;
  }

  const keyOf = (log: Log): string => `${log.blockHash} ${log.index}`;

  /** Each event once. */
  function take(log: Log): void {
    const key = keyOf(log);
    if (taken.has(key)) return;
    taken.set(key, log.blockNumber);
    newestTaken = { block: log.blockNumber, index: log.index };
    const of = log.address.toLowerCase() === addresses![0]!.toLowerCase() ? MARKET : PINPOINT;
    try {
      const event = of.parseLog(log);
      if (event) (HANDLERS[event.name] ?? ignore)(event, log.blockNumber);
    } catch {
      // Events carry what anybody likes. One that cannot be read must not hide the others.
    }
  }

  /** Whether an event comes late: before one that was taken. */
  const isLate = (log: Log): boolean =>
    !taken.has(keyOf(log)) &&
    (log.blockNumber < newestTaken.block ||
      (log.blockNumber === newestTaken.block && log.index < newestTaken.index));

  /** Whether the chain has gone another way since the last look; undefined where the node is behind, and cannot say. */
  async function reorganised(newest: Block): Promise<boolean | undefined> {
    if (!last) return false;
    if (newest.number <= last.number) {
      const known = heads.get(newest.number);
      if (known !== undefined && known !== newest.hash) return true;
      return newest.number === last.number ? false : undefined;
    }
    const hash = (await client.provider.getBlock(last.number))?.hash;
    return hash ? hash !== last.hash : undefined;
  }

  async function look(): Promise<boolean> {
    fresh = new Map();
    const newest = (await client.provider.getBlock('latest'))!;
    now = await client.now();
    const other = await reorganised(newest);
    if (other === undefined) return false;
    if (other) {
      turns++;
      reset();
    } else if (newest.number === last?.number) return false;
    const first = await client.since();
    let found = await logs(last ? Math.max(first, last.number + 1 - AGAIN) : first, newest.number);
    if (found.some(isLate)) {
      reset();
      found = await logs(first, newest.number);
    }
    for (const log of found) take(log);
    last = { number: newest.number, hash: newest.hash! };
    heads.set(last.number, last.hash);
    for (const [number] of heads) if (heads.size > AGAIN) heads.delete(number);
    for (const [key, block] of taken) if (block < last.number - 2 * AGAIN) taken.delete(key);
    return true;
  }

  const ignore = (): void => undefined;
  const id = (value: unknown): number => Number(value as bigint);
  const HANDLERS: Record<string, (event: LogDescription, block: number) => void> = {
    Submitted: ({ args }, block) =>
      submitted.set(id(args['task']), {
        submitter: args['submitter'],
        artefacts: textOf(args, 'artefacts'),
        block,
      }),
    Claimed: ({ args }) =>
      claims.set(id(args['claim']), {
        id: id(args['claim']),
        task: id(args['task']),
        solver: args['solver'],
        from: id(args['from']),
        deliveries: [],
        seats: [],
        attested: new Map(),
      }),
    Delivered: ({ args }) =>
      claims.get(id(args['claim']))?.deliveries.push({
        records: id(args['records']),
        root: args['root'],
        state: args['state'],
        artefacts: textOf(args, 'artefacts'),
      }),
    Drawn: ({ args }) => {
      const claim = claims.get(id(args['claim']));
      // By position: `seats` is also the name of a method of results.
      if (claim) claim.seats = [...(args[3] as Iterable<bigint>)].map(Number);
    },
    Attested: ({ args }) => claims.get(id(args['claim']))?.attested.set(id(args['seat']), args['trace']),
    Challenged: ({ args }) =>
      challenges.set(id(args['challenge']), {
        number: id(args['challenge']),
        claim: id(args['claim']),
        challenger: args['challenger'],
        seat: id(args['seat']),
        game: id(args['game']),
        resolved: false,
        paid: false,
      }),
    Demanded: ({ args }) =>
      challenges.set(id(args['challenge']), {
        number: id(args['challenge']),
        claim: id(args['claim']),
        challenger: args['challenger'],
        seat: 0,
        game: id(args['game']),
        demand: {
          record: id(args['record']),
          entry: args['entry'] as bigint,
          piece: args['piece'] as bigint,
        },
        resolved: false,
        paid: false,
      }),
    ChallengeResolved: ({ args }) => {
      const challenge = challenges.get(id(args['challenge']));
      if (challenge) challenge.resolved = true;
    },
    PrizePaid: ({ args }) => {
      const challenge = challenges.get(id(args['challenge']));
      if (challenge) challenge.paid = true;
    },
    SeatTaken: ({ args }) => seats.set(id(args['seat']), args['owner']),
    SeatLeft: ({ args }) => seats.delete(id(args['seat'])),
    Opened: ({ args }) =>
      games.set(id(args['game']), {
        game: id(args['game']),
        players: [args['defender'], args['challenger']],
        last: undefined,
        outcome: 'open',
      }),
    Moved: ({ args }) => {
      const game = games.get(id(args['game']));
      if (!game) return;
      game.last = {
        side: id(args['side']) as Side,
        descent: readDescent(args['descent'] as never),
        opened: [...(args['opened'] as Iterable<string>)],
      };
    },
    Resolved: ({ args }) => {
      const game = games.get(id(args['game']));
      if (game) game.outcome = OUTCOMES[id(args['outcome'])]!;
    },
  };

  /** Once for each block. */
  function once<T>(key: string, read: () => Promise<T>): Promise<T> {
    let reading = fresh.get(key) as Promise<T> | undefined;
    if (!reading) fresh.set(key, (reading = read()));
    return reading;
  }

  const view: View = {
    get block() {
      return last?.number ?? -1;
    },
    get now() {
      return now;
    },
    get turns() {
      return turns;
    },
    submitted,
    claims,
    challenges,
    games,
    seats,
    refresh() {
      const mine = refreshing.then(look, look);
      refreshing = mine;
      return mine;
    },
    task(task) {
      const known = over.get(task);
      if (known) return Promise.resolve(known);
      return once(`task ${task}`, async () => {
        const read = await readTask(client, task);
        if (read.status === 'done' || read.status === 'closed') over.set(task, read);
        return read;
      });
    },
    claim(claim) {
      const known = final.get(claim);
      if (known) return Promise.resolve(known);
      return once(`claim ${claim}`, async () => {
        const read = await readClaim(client, claim);
        // Games against a slashed claim go on until its prize is paid.
        if (claimEnded(read.status) && read.games + read.pending === 0 && read.prize === 0n)
          final.set(claim, read);
        return read;
      });
    },
    async running() {
      const read = await Promise.all([...claims.keys()].map((claim) => view.claim(claim)));
      return read.filter(({ status }) => !claimEnded(status));
    },
  };
  return view;
}
