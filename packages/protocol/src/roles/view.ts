/** What has happened on a market so far, out of its events, and where its tasks and claims stand: what roles decide by. */
import { artifacts } from '@gensyn/contracts';
import { Interface, type Log, type LogDescription } from 'ethers';
import { claimEnded, readClaim, readTask, type Claim, type MarketClient, type Task } from '../chain/index.js';
import { OUTCOMES, readDescent, type Descent, type Side } from '../pinpoint/index.js';

export interface Delivery {
  readonly records: number;
  readonly root: string;
  readonly state: string;
  /** CID as the solver names it: hostile. */
  readonly artefacts: string;
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
  readonly submitted: ReadonlyMap<number, { readonly submitter: string; readonly artefacts: string }>;
  readonly claims: ReadonlyMap<number, SeenClaim>;
  readonly challenges: ReadonlyMap<number, SeenChallenge>;
  readonly games: ReadonlyMap<number, SeenGame>;
  /** Seats and who holds them. */
  readonly seats: ReadonlyMap<number, string>;
  /** Reads on to the newest block; from the beginning after a reorganisation. True if there was anything new. Errors: N0201 and others of the connection. */
  refresh(): Promise<boolean>;
  task(id: number): Promise<Task>;
  claim(id: number): Promise<Claim>;
  /** Claims that have not ended, oldest first. */
  running(): Promise<readonly Claim[]>;
}

const MARKET = new Interface(artifacts.TaskMarket.abi as object[]);
const PINPOINT = new Interface(artifacts.Pinpoint.abi as object[]);
/** Blocks that are asked for at once; halved where an endpoint finds that too much. */
const MOST_BLOCKS = 10_000;

export function openView(client: MarketClient): View {
  const submitted = new Map<number, { submitter: string; artefacts: string }>();
  const claims = new Map<number, SeenClaim>();
  const challenges = new Map<number, SeenChallenge>();
  const games = new Map<number, SeenGame>();
  const seats = new Map<number, string>();
  const all = [submitted, claims, challenges, games, seats] as const;
  let last: { number: number; hash: string } | undefined;
  let now = 0;
  let span = MOST_BLOCKS;
  /** What was read at the newest block, and what can no longer change. */
  let fresh = new Map<string, Promise<unknown>>();
  let final = new Map<number, Claim>();
  let over = new Map<number, Task>();
  let addresses: string[] | undefined;

  function reset(): void {
    for (const map of all) map.clear();
    [last, fresh, final, over] = [undefined, new Map(), new Map(), new Map()];
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
      } catch (cause) {
        if (span === 1) throw cause;
        span = Math.max(1, Math.floor(span / 2));
      }
    }
    return found;
  }

  function take(log: Log): void {
    const of = log.address.toLowerCase() === addresses![0]!.toLowerCase() ? MARKET : PINPOINT;
    const event = of.parseLog(log);
    if (event) (HANDLERS[event.name] ?? ignore)(event);
  }

  const ignore = (): void => undefined;
  const id = (value: unknown): number => Number(value as bigint);
  const HANDLERS: Record<string, (event: LogDescription) => void> = {
    Submitted: ({ args }) =>
      submitted.set(id(args['task']), { submitter: args['submitter'], artefacts: args['artefacts'] }),
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
        artefacts: args['artefacts'],
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
    submitted,
    claims,
    challenges,
    games,
    seats,
    async refresh() {
      fresh = new Map();
      const newest = (await client.provider.getBlock('latest'))!;
      now = await client.now();
      if (last) {
        const known =
          newest.number === last.number
            ? newest
            : newest.number > last.number
              ? await client.provider.getBlock(last.number)
              : undefined;
        if (known?.hash !== last.hash) reset();
        else if (newest.number === last.number) return false;
      }
      const from = last ? last.number + 1 : await client.since();
      for (const log of await logs(from, newest.number)) take(log);
      last = { number: newest.number, hash: newest.hash! };
      return true;
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
