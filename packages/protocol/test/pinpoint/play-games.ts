/** Many games at once on one local chain: each round makes one move of every game, all in one block. */
import type { Contracts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import type { JsonRpcProvider } from 'ethers';
import { OUTCOMES, readDescent, writeDescent, type Descent, type Side } from '../../src/pinpoint/index.js';
import type { ChainJob, Player } from '../../src/witness/index.js';

export const CLOCK = 600;
/** Of all transactions of a block; `gasLimit` of the chain. */
export const BLOCK_GAS = 30_000_000_000;
const GAS = 3_000_000;

export interface GamePlan {
  readonly name: string;
  readonly job: ChainJob;
  /** As `beginning` gives it. */
  readonly start: Descent;
  readonly players: readonly [Player, Player];
  /** Whose trees are right: that side judges. */
  readonly honest: Side;
  /** Proof for the judge of that side. */
  proof(descent: Descent): Promise<string>;
  /** Somebody else sends the honest side's moves first. */
  readonly frontRun?: boolean;
}

export interface Played {
  readonly plan: GamePlan;
  readonly outcome: (typeof OUTCOMES)[number];
  /** Where it stood last. */
  readonly descent: Descent;
  readonly moves: readonly [number, number];
  /** Ended by a clock. */
  readonly flagged: boolean;
}

interface Running {
  readonly plan: GamePlan;
  readonly game: bigint;
  at: { readonly descent: Descent; readonly opened: readonly string[]; readonly turn: Side };
  readonly moves: [number, number];
  outcome: number;
  flagged: boolean;
  stuck: boolean;
  late: string | undefined;
}

/** Defender, challenger, and somebody else. */
export async function playGames(
  provider: JsonRpcProvider,
  pinpoint: Contracts['Pinpoint'],
  accounts: readonly [string, string, string],
  plans: readonly GamePlan[],
): Promise<Played[]> {
  const to = await pinpoint.getAddress();
  const codec = pinpoint.interface;
  const nonces = new Map<string, number>();
  for (const account of accounts) nonces.set(account, await provider.getTransactionCount(account));
  const word = (value: number): string => `0x${value.toString(16)}`;
  const send = (from: string, data: string): Promise<unknown> => {
    const nonce = nonces.get(from)!;
    nonces.set(from, nonce + 1);
    return provider.send('eth_sendTransaction', [{ from, to, data, gas: word(GAS), nonce: word(nonce) }]);
  };

  interface Event {
    readonly name: string;
    readonly args: Record<string, unknown>;
  }
  /** Makes a block of everything that was sent; what the contract says in it. */
  async function mined(sending: readonly Promise<unknown>[]): Promise<Event[]> {
    await Promise.all(sending);
    await provider.send('evm_mine', []);
    const logs = await provider.getLogs({ address: to, fromBlock: 'latest', toBlock: 'latest' });
    return logs.map((log) => {
      const { name, args } = codec.parseLog(log)!;
      return { name, args: args.toObject() };
    });
  }

  await provider.send('evm_setAutomine', [false]);
  try {
    const opening: Promise<unknown>[] = [];
    for (const { start, players, job } of plans) {
      const o = {
        job: start.job,
        graph: job.graph,
        entries: start.entries,
        interval: start.interval,
        step: start.step,
        steps: start.steps,
        before: start.before,
        level: start.level === 'run' ? 0 : 1,
        roots: [...start.nodes],
        players: [accounts[0], accounts[1]],
        clock: CLOCK,
      };
      const first = [...(await players[1].open(start))];
      opening.push(send(accounts[1], codec.encodeFunctionData('open', [o as never, first])));
    }
    const opened = (await mined(opening)).filter(({ name }) => name === 'Moved');
    if (opened.length !== plans.length)
      throw new GensynError('N0301', `${opened.length} of ${plans.length} games were opened`);
    const running = opened.map(({ args }, i): Running => {
      const game = args['game'] as bigint;
      const moves: [number, number] = [0, 0];
      return {
        plan: plans[i]!,
        game,
        at: standing(args),
        moves,
        outcome: 0,
        flagged: false,
        stuck: false,
        late: undefined,
      };
    });
    const byGame = new Map(running.map((each) => [each.game, each]));
    const take = (events: readonly Event[]): void => {
      for (const { name, args } of events) {
        const each = byGame.get(args['game'] as bigint);
        if (!each) continue;
        if (name === 'Resolved') each.outcome = Number(args['outcome']);
        if (name !== 'Moved') continue;
        each.moves[Number(args['side']) as Side]++;
        each.at = standing(args);
        each.stuck = false;
      }
    };

    for (;;) {
      const playing = running.filter(({ outcome, stuck }) => outcome === 0 && !stuck);
      if (playing.length === 0) break;
      const sending: Promise<unknown>[] = [];
      for (const each of playing) {
        const { plan, game, at } = each;
        // Until the chain says otherwise.
        each.stuck = true;
        if (at.descent.level === 'value') {
          const proof = await plan.proof(at.descent);
          const words = writeDescent(at.descent);
          sending.push(
            send(
              accounts[plan.honest],
              codec.encodeFunctionData('judge', [game, words, plan.honest, plan.job, proof]),
            ),
          );
          continue;
        }
        const player = plan.players[at.turn];
        const move = await player.move({ descent: at.descent, opened: at.opened, side: at.turn });
        if (!move) continue;
        const data = codec.encodeFunctionData('move', [game, move]);
        if ((player.delay ?? 0) > 0) {
          each.late = data;
          continue;
        }
        if (plan.frontRun && at.turn === plan.honest) sending.push(send(accounts[2], data));
        sending.push(send(accounts[at.turn], data));
      }
      take(await mined(sending));
    }

    // Nothing moves any more but the clocks.
    const stuck = running.filter(({ outcome }) => outcome === 0);
    if (stuck.length > 0) {
      await provider.send('evm_increaseTime', [CLOCK + 2]);
      take(
        await mined(
          stuck.flatMap(({ late, at }) => (late === undefined ? [] : [send(accounts[at.turn], late)])),
        ),
      );
      const still = stuck.filter(({ outcome }) => outcome === 0);
      for (const each of still) each.flagged = true;
      take(
        await mined(
          still.map(({ game, plan }) =>
            send(accounts[plan.honest], codec.encodeFunctionData('flag', [game])),
          ),
        ),
      );
    }
    return running.map(({ plan, outcome, at, moves, flagged }) => {
      return { plan, outcome: OUTCOMES[outcome]!, descent: at.descent, moves, flagged };
    });
  } finally {
    await provider.send('evm_setAutomine', [true]);
  }
}

function standing(args: Record<string, unknown>): Running['at'] {
  return {
    descent: readDescent(args['descent'] as Iterable<string>),
    opened: [...(args['opened'] as Iterable<string>)],
    turn: (1 - Number(args['side'])) as Side,
  };
}

/** Games in which the right side did not win: for messages of tests. */
export function lost(played: readonly Played[]): string[] {
  return played.flatMap(({ plan, outcome, descent }) =>
    outcome === (plan.honest === 0 ? 'defender' : 'challenger')
      ? []
      : [`${plan.name}: ${outcome} at level ${descent.level}, depth ${descent.depth}`],
  );
}
