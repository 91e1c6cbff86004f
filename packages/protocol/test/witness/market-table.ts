/** Everything about one claim of a real job on a market of a local chain, from the submission to the resolved challenge. */
import { hexlify, keccak256, AbiCoder, ZeroHash } from 'ethers';
import type { MarketClient } from '../../src/chain/index.js';
import type { MarketDevnet } from '../../src/devnet/index.js';
import {
  beginning,
  OUTCOMES,
  readDescent,
  writeDescent,
  type Descent,
  type Side,
} from '../../src/pinpoint/index.js';
import {
  chainJob,
  graphEntries,
  honestPlayer,
  judgeProof,
  type JobWitness,
} from '../../src/witness/index.js';
import type { CompiledJob } from './compiled-job.js';

const TOKEN = 10n ** 18n;
const coder = AbiCoder.defaultAbiCoder();

export interface Dispute {
  readonly descent: Descent;
  /** Of the defender and the challenger. */
  readonly moves: readonly [number, number];
  readonly outcome: (typeof OUTCOMES)[number];
  readonly claimStatus: number;
  /** Of all transactions from the commitment of the challenge to its resolution. */
  readonly gas: number;
  /** Kind and gas of each. */
  readonly sent: readonly string[];
}

export interface MarketTable {
  /** The claim of the solver is challenged; both play to the end. */
  dispute(solver: JobWitness, challenger: JobWitness): Promise<Dispute>;
  /** A task, taken and proven by account 1 as `witness` has it. The number of the claim. */
  proven(witness: JobWitness): Promise<bigint>;
  /** What is commited to by account `by`. */
  commitment(claim: bigint, by: number, root: string): Promise<string>;
  /** By account `by`, who has committed to the root of `witness`. */
  challenge(claim: bigint, by: number, witness: JobWitness): Promise<Playing>;
  /**
   * Plays all games against one solver to their ends, a move of each in turn. Outcomes.
   * @param thief account that tries to send each move before its player
   */
  playAll(
    games: readonly Playing[],
    solver: JobWitness,
    challengers: readonly JobWitness[],
    thief?: number,
  ): Promise<(typeof OUTCOMES)[number][]>;
  /** Free tokens of an account. */
  free(account: number): Promise<bigint>;
  readonly clients: readonly MarketClient[];
  close(): Promise<void>;
}

export interface Playing {
  readonly challenge: bigint;
  readonly game: bigint;
  /** Account of the challenger. */
  readonly by: number;
}

/** Accounts 0 and 1 submit and solve, 2 and 3 challenge. */
export async function marketTable(devnet: MarketDevnet, compiled: CompiledJob): Promise<MarketTable> {
  const clients = await Promise.all([0, 1, 2, 3].map((i) => devnet.client(i)));
  for (const client of clients) {
    const at = await client.market.getAddress();
    await client.send('approve', client.token.approve.populateTransaction(at, 1000n * TOKEN));
    await client.send('deposit', client.market.deposit.populateTransaction(1000n * TOKEN));
  }
  const [submitter, solver] = clients as [MarketClient, MarketClient];
  const { job: loaded } = compiled;
  const job = chainJob(loaded.manifest);
  const { entries, graphTree } = graphEntries(loaded);
  const { market, pinpoint } = submitter;
  let gas = 0;
  let sent: string[] = [];
  async function send(
    client: MarketClient,
    ...[what, call]: Parameters<MarketClient['send']>
  ): Promise<void> {
    const { gasUsed } = await client.send(what, call);
    gas += Number(gasUsed);
    sent.push(`${what} ${gasUsed}`);
  }

  async function proven(witness: JobWitness): Promise<bigint> {
    const submission = {
      job,
      entries,
      graphTree,
      parent: 0,
      segment: job.steps,
      rewardMin: 10n * TOKEN,
      rewardMax: 10n * TOKEN,
      rise: 0,
      workTime: 1000,
      deadline: (await submitter.now()) + 10_000,
      artefacts: 'cid',
    };
    await submitter.send('submit', market.submit.populateTransaction(submission));
    await solver.send('claim', market.claim.populateTransaction(await market.tasks(), 0, 0));
    const claim = await market.claims();
    const run = await witness.run();
    const records = Math.ceil(job.steps / job.interval);
    const path = run.path(records - 1).map((each) => hexlify(each));
    const [root, state] = [hexlify(run.root), hexlify(run.entry(records - 1))];
    await solver.send(
      'checkpoint',
      market.checkpoint.populateTransaction(claim, records, root, state, path, 'cid'),
    );
    await solver.send('prove', market.prove.populateTransaction(claim, root));
    return claim;
  }

  const commitment = async (claim: bigint, by: number, root: string): Promise<string> =>
    keccak256(
      coder.encode(
        ['uint256', 'uint256', 'bytes32', 'bytes32', 'address', 'bytes32'],
        [claim, 0, root, (await market.claimOf(claim)).root, clients[by]!.account, ZeroHash],
      ),
    );

  async function challenge(claim: bigint, by: number, witness: JobWitness): Promise<Playing> {
    const mine = hexlify((await witness.run()).root);
    const start = beginning(
      {
        job: ZeroHash,
        graph: job.graph,
        entries,
        interval: job.interval,
        step: 0,
        steps: job.steps,
        before: job.init,
        nodes: [(await market.claimOf(claim)).root, mine],
      },
      'run',
    );
    const first = [...(await honestPlayer(witness).open(start))];
    const call = market.challenge.populateTransaction(claim, 0, mine, ZeroHash, [], first);
    await send(clients[by]!, 'challenge', call);
    const number = await market.challenges();
    return { challenge: number, game: (await market.challengeOf(number)).game, by };
  }

  async function standing(game: bigint): Promise<{ descent: Descent; opened: readonly string[] }> {
    const events = await (pinpoint as unknown as Filtered).queryFilter('Moved');
    const { args } = events.filter((event) => event.args.game === game).at(-1)!;
    return { descent: readDescent(args.descent), opened: [...args.opened] };
  }

  /** What `side` does in a game. Whose turn it is then; undefined at the end. */
  async function turn(
    { game, by }: Playing,
    side: Side,
    defending: JobWitness,
    attacking: JobWitness,
    thief?: number,
  ): Promise<Side | undefined> {
    const at = await standing(game);
    const client = side === 0 ? solver : clients[by]!;
    if (at.descent.level === 'value') {
      // Who is right proves the value.
      const right: Side = defending === compiled.honest ? 0 : 1;
      const { proof } = await judgeProof(right === 0 ? defending : attacking, at.descent);
      const call = pinpoint.judge.populateTransaction(game, writeDescent(at.descent), right, job, proof);
      await send(right === 0 ? solver : clients[by]!, 'judge', call);
      return undefined;
    }
    const player = honestPlayer(side === 0 ? defending : attacking);
    const move = (await player.move({ ...at, side }))!;
    const call = client.pinpoint.move.populateTransaction(game, move);
    if (thief !== undefined) {
      const stolen = await clients[thief]!.send('steal', call).then(
        () => true,
        () => false,
      );
      if (stolen) throw new Error(`a move of game ${game} was made by somebody else`);
    }
    await send(client, at.descent.level, call);
    return (1 - side) as Side;
  }

  return {
    async playAll(games, defending, challengers, thief) {
      const turns: (Side | undefined)[] = games.map(() => 0);
      while (turns.some((side) => side !== undefined))
        for (const [i, game] of games.entries()) {
          const side = turns[i];
          if (side !== undefined) turns[i] = await turn(game, side, defending, challengers[i]!, thief);
        }
      return Promise.all(games.map(async ({ game }) => OUTCOMES[Number(await pinpoint.outcomeOf(game))]!));
    },
    clients,
    proven,
    commitment,
    challenge,
    free: async (account) => market.free(clients[account]!.account!),
    async dispute(defending, attacking) {
      const claim = await proven(defending);
      [gas, sent] = [0, []];
      const challenger = clients[2]!;
      const held = await commitment(claim, 2, hexlify((await attacking.run()).root));
      await send(challenger, 'commit', market.commitChallenge.populateTransaction(claim, held));
      const playing = await challenge(claim, 2, attacking);
      const { game } = playing;
      const moves: [number, number] = [0, 0];
      let side: Side | undefined = 0;
      while ((side = await turn(playing, side, defending, attacking)) !== undefined) moves[1 - side]!++;
      const { descent } = await standing(game);
      await send(challenger, 'resolve', market.resolve.populateTransaction(playing.challenge));
      return {
        descent,
        moves,
        outcome: OUTCOMES[Number(await pinpoint.outcomeOf(game))]!,
        claimStatus: Number((await market.claimOf(claim)).status),
        gas,
        sent,
      };
    },
    close: async () => {
      for (const client of clients) await client.close();
    },
  };
}

interface Filtered {
  queryFilter(
    name: string,
  ): Promise<{ readonly args: { game: bigint; descent: Iterable<string>; opened: string[] } }[]>;
}
