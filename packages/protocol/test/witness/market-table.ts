/** Everything about one claim of a real job on a market of a local chain, from the submission to the resolved challenge. */
import { hexlify, keccak256, AbiCoder, ZeroHash } from 'ethers';
import type { Contracts } from '@gensyn/contracts';
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
  type Player,
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
  /** The claim of `solver` is challenged by `challenger`; both play to the end. */
  dispute(solver: JobWitness, challenger: JobWitness, players?: readonly [Player, Player]): Promise<Dispute>;
  close(): Promise<void>;
}

/** Accounts 0, 1 and 2 submit, solve and challenge. */
export async function marketTable(devnet: MarketDevnet, compiled: CompiledJob): Promise<MarketTable> {
  const [submitter, solver, challenger] = (await Promise.all([0, 1, 2].map((i) => devnet.client(i)))) as [
    MarketClient,
    MarketClient,
    MarketClient,
  ];
  for (const client of [submitter, solver, challenger]) {
    const at = await client.market.getAddress();
    await client.send('approve', client.token.approve.populateTransaction(at, 1000n * TOKEN));
    await client.send('deposit', client.market.deposit.populateTransaction(1000n * TOKEN));
  }
  const { job: loaded } = compiled;
  const job = chainJob(loaded.manifest);
  const { entries, graphTree } = graphEntries(loaded);

  async function proven(witness: JobWitness): Promise<bigint> {
    const { market } = submitter;
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
    const root = hexlify(run.root);
    await solver.send(
      'checkpoint',
      market.checkpoint.populateTransaction(
        claim,
        records,
        root,
        hexlify(run.entry(records - 1)),
        path,
        'cid',
      ),
    );
    await solver.send('prove', market.prove.populateTransaction(claim, root));
    return claim;
  }

  async function standing(game: bigint): Promise<{ descent: Descent; opened: readonly string[] }> {
    const { pinpoint } = submitter;
    const events = await (pinpoint as unknown as Filtered).queryFilter('Moved');
    const { args } = events.filter((event) => event.args.game === game).at(-1)!;
    return { descent: readDescent(args.descent), opened: [...args.opened] };
  }

  return {
    async dispute(defending, attacking, players = [honestPlayer(defending), honestPlayer(attacking)]) {
      const claim = await proven(defending);
      let gas = 0;
      const sent: string[] = [];
      const send = async (client: MarketClient, ...[what, call]: Parameters<MarketClient['send']>) => {
        const { gasUsed } = await client.send(what, call);
        gas += Number(gasUsed);
        sent.push(`${what} ${gasUsed}`);
      };
      const { market, pinpoint } = challenger;
      const mine = hexlify((await attacking.run()).root);
      const commitment = keccak256(
        coder.encode(
          ['uint256', 'uint256', 'bytes32', 'address', 'bytes32'],
          [claim, 0, mine, challenger.account, ZeroHash],
        ),
      );
      await send(challenger, 'commit', market.commitChallenge.populateTransaction(claim, commitment));
      const start = beginning(
        {
          job: ZeroHash,
          graph: job.graph,
          entries,
          interval: job.interval,
          step: 0,
          steps: job.steps,
          before: job.init,
          nodes: [hexlify((await defending.run()).root), mine],
        },
        'run',
      );
      const first = [...(await players[1].open(start))];
      await send(
        challenger,
        'challenge',
        market.challenge.populateTransaction(claim, 0, mine, ZeroHash, [], first),
      );
      const challenge = await market.challenges();
      const { game } = await market.challengeOf(challenge);
      const moves: [number, number] = [0, 0];
      let at = await standing(game);
      for (let side: Side = 0; at.descent.level !== 'value'; side = (1 - side) as Side) {
        const move = await players[side].move({ ...at, side });
        if (!move) break;
        const client = side === 0 ? solver : challenger;
        await send(client, at.descent.level, client.pinpoint.move.populateTransaction(game, move));
        moves[side]++;
        if ((await pinpoint.outcomeOf(game)) !== 0n) break;
        at = await standing(game);
      }
      if ((await pinpoint.outcomeOf(game)) === 0n) {
        // The honest side's; here both could.
        for (const side of [0, 1] as const) {
          const { proof } = await judgeProof(side === 0 ? defending : attacking, at.descent);
          const words = writeDescent(at.descent);
          const { judge } = pinpoint as Contracts['Pinpoint'];
          try {
            await send(challenger, 'judge', judge.populateTransaction(game, words, side, job, proof));
            break;
          } catch (error) {
            if (side === 1) throw error;
          }
        }
      }
      await send(challenger, 'resolve', market.resolve.populateTransaction(challenge));
      return {
        descent: at.descent,
        moves,
        outcome: OUTCOMES[Number(await pinpoint.outcomeOf(game))]!,
        claimStatus: Number((await market.claimOf(claim)).status),
        gas,
        sent,
      };
    },
    close: async () => {
      for (const client of [submitter, solver, challenger]) await client.close();
    },
  };
}

interface Filtered {
  queryFilter(
    name: string,
  ): Promise<{ readonly args: { game: bigint; descent: Iterable<string>; opened: string[] } }[]>;
}
