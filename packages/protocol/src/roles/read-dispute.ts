/** Rebuilds a dispute from the chain alone; the job, where it is at hand, adds names and lines of its text. */
import { GensynError } from '@gensyn/ir';
import type { TransactionReceipt } from 'ethers';
import {
  events,
  readChallenge,
  readClaim,
  readGame,
  readTask,
  sameAddress,
  type Challenge,
  type Claim,
  type Game,
  type MarketClient,
} from '../chain/index.js';
import type { Side } from '../pinpoint/index.js';
import type { DisputeMoney, DisputeMove, DisputeRecord, DisputeTransaction } from './dispute-record.js';
import { disputedValue, placesOf } from './dispute-value.js';
import { verdictOf, type DisputeKnowledge } from './dispute-verdict.js';
import { gameTransactions } from './game-transactions.js';

/**
 * @param number of the challenge
 * Errors: N0404 for a challenge that there is not, N0410, N0412 and those of the connection.
 */
export async function readDispute(
  client: MarketClient,
  number: number,
  job?: DisputeKnowledge,
): Promise<DisputeRecord> {
  const challenge = await readChallenge(client, number);
  if (challenge.kind === 'demand')
    throw new GensynError(
      'N0710',
      `challenge ${number} is a demand for a piece of claim ${challenge.claim}`,
      {
        help: '`gensyn status` with its task shows what has become of it',
      },
    );
  const [claim, made] = await Promise.all([
    readClaim(client, challenge.claim),
    events(client, client.market, 'Challenged', [challenge.claim, number], { most: 1 }),
  ]);
  const opening = made[0];
  if (!opening) throw new GensynError('N0412', `the node does not know challenge ${number} yet`);
  const [task, game] = await Promise.all([
    readTask(client, claim.task),
    readGame(client, challenge.game, opening.block),
  ]);
  const chain = gameTransactions(client, game);
  const standings = game.moves.map(({ descent }) => descent);
  const [first, last] = [standings[0]!, standings.at(-1)!];

  const transactions: DisputeTransaction[] = [];
  const commits = await events(
    client,
    client.market,
    'ChallengeCommitted',
    [claim.id, challenge.challenger],
    {
      to: opening.block,
    },
  );
  const commit = commits.at(-1);
  if (commit) transactions.push(await chain.transaction('commit', commit.transaction));
  const moves: DisputeMove[] = [];
  let before = 0;
  for (const [i, { side, descent, transaction }] of game.moves.entries()) {
    const sent = await chain.transaction(i === 0 ? 'challenge' : 'move', transaction);
    transactions.push(sent);
    const { level, depth, index, nodes } = descent;
    moves.push({
      number: i,
      block: sent.block,
      time: sent.time,
      transaction,
      side,
      gas: sent.gas,
      level,
      depth,
      index,
      branch: i > 0 && standings[i - 1]!.depth > 0 ? await chain.branch(transaction) : undefined,
      nodes,
      seconds: i === 0 ? 0 : sent.time - before,
    });
    before = sent.time;
  }
  const [end] = await events(client, client.pinpoint, 'Resolved', [game.id], {
    from: opening.block,
    most: 1,
  });
  const action = end && (await chain.actionOf(end.transaction));
  let ended: number | undefined;
  if (end && action) {
    const sent = await chain.transaction(action, end.transaction);
    ended = sent.time;
    transactions.push(sent);
    if (action === 'move')
      moves.push({
        ...moves.at(-1)!,
        number: moves.length,
        block: sent.block,
        time: sent.time,
        transaction: sent.hash,
        side: game.turn,
        gas: sent.gas,
        branch: undefined,
        seconds: sent.time - before,
      });
  }
  const [resolved] = await events(client, client.market, 'ChallengeResolved', [number], {
    from: opening.block,
    most: 1,
  });
  let closing: TransactionReceipt | undefined;
  if (resolved) {
    transactions.push(await chain.transaction('resolve', resolved.transaction));
    closing = await chain.receipt(resolved.transaction);
  }
  const gasOf = (side: Side | undefined): number =>
    transactions.filter((each) => each.side === side).reduce((sum, { gas }) => sum + gas, 0);
  const gas = { defender: gasOf(0), challenger: gasOf(1), others: gasOf(undefined) };
  return {
    format: 'gensyn-dispute/1',
    chainId: client.chainId,
    market: client.address,
    task: task.id,
    claim: claim.id,
    challenge: number,
    game: game.id,
    seat: challenge.seat,
    defender: game.players[0],
    challenger: game.players[1],
    roots: first.nodes,
    started: moves[0]!.time,
    ended,
    run: { from: first.step, steps: first.steps, interval: first.interval },
    moves,
    path: placesOf(standings, job),
    turn:
      game.outcome === 'open'
        ? { side: game.turn, left: Math.max(0, game.clocks[game.turn] - ((await client.now()) - game.since)) }
        : undefined,
    disputed: disputedValue(last, job),
    verdict: end && action ? await verdictOf(client, game, action, end.transaction, job) : undefined,
    transactions,
    gas: { ...gas, total: gas.defender + gas.challenger + gas.others },
    money: moneyOf(client, challenge, claim, game, closing, await prizeOf(client, challenge)),
  };
}

/** Challenges of a task or a claim, oldest first: those of the claim itself before those of attestations. */
export async function challengesOf(
  client: MarketClient,
  about: { readonly task?: number; readonly claim?: number },
): Promise<readonly number[]> {
  const claims =
    about.claim === undefined
      ? (await events(client, client.market, 'Claimed', [about.task ?? null])).map(({ args }) =>
          Number(args['claim']),
        )
      : [about.claim];
  const found: { number: number; seat: number }[] = [];
  for (const claim of claims)
    for (const { args } of await events(client, client.market, 'Challenged', [claim]))
      found.push({ number: Number(args['challenge']), seat: Number(args['seat']) });
  return found
    .sort((a, b) => Math.sign(a.seat) - Math.sign(b.seat) || a.number - b.number)
    .map(({ number }) => number);
}

/** What the challenger has been paid; undefined while it has not. */
async function prizeOf(client: MarketClient, { id, claim }: Challenge): Promise<bigint | undefined> {
  if ((await readClaim(client, claim)).status !== 'slashed') return undefined;
  const [paid] = await events(client, client.market, 'PrizePaid', [id], { most: 1, backwards: true });
  return paid?.args['amount'] as bigint | undefined;
}

function moneyOf(
  { market }: MarketClient,
  { bond, challenger }: Challenge,
  claim: Claim,
  game: Game,
  closing: TransactionReceipt | undefined,
  prize: bigint | undefined,
): DisputeMoney {
  const slashed = (closing?.logs ?? []).flatMap((log) => {
    const event = sameAddress(log.address, String(market.target)) ? market.interface.parseLog(log) : null;
    if (event?.name !== 'Slashed') return [];
    const [amount, won, burned] = ['amount', 'won', 'burned'].map((name) => event.args[name] as bigint) as [
      bigint,
      bigint,
      bigint,
    ];
    const named = String(event.args['winner']);
    const direct = /^0x0+$/.test(named) ? undefined : named;
    // The winners of a claim share what is kept for them, and are paid when all are known.
    const shared = direct === undefined && won > 0n && prize !== undefined;
    return [
      {
        amount: String(amount),
        winner: shared ? challenger : direct,
        won: String(shared ? prize : won),
        burned: String(burned),
        jackpot: String(amount - won - burned),
      },
    ];
  });
  return {
    bond: String(bond),
    stake: String(claim.stake),
    slashed,
    bondReturned: closing === undefined ? undefined : game.outcome === 'challenger',
  };
}
