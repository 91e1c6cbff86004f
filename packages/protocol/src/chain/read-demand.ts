/** A demand for a piece of a state, and what has become of it. */
import { GensynError } from '@gensyn/ir';
import { OUTCOMES } from '../pinpoint/descent.js';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';
import type { Challenge } from './records.js';

export interface Demand {
  /** The state after that many records of the claim. */
  readonly record: number;
  /** Entry of it and which 128 chunks of its tensor, both from 0 on. Bigints: anybody may ask for what there is not. */
  readonly entry: bigint;
  readonly piece: bigint;
  /** The defender's: answered; the challenger's: not. */
  readonly outcome: (typeof OUTCOMES)[number];
  /** Until when, in seconds since 1970, the solver has to answer. */
  readonly until: number;
  /** Transaction with the answer. */
  readonly answer: string | undefined;
}

/** @param from block from which on its events are looked for. Errors: N0410, N0412. */
export async function readDemand(
  client: MarketClient,
  { id, claim, game }: Challenge,
  from?: number,
): Promise<Demand> {
  const { market, pinpoint } = client;
  const range = from === undefined ? {} : { from };
  const [[asked], [answered], [, , since, clocks], outcome] = await Promise.all([
    events(client, market, 'Demanded', [claim, id], { ...range, most: 1 }),
    events(client, pinpoint, 'Answered', [game], { ...range, most: 1 }),
    pinpoint.turnOf(game),
    pinpoint.outcomeOf(game),
  ]);
  if (!asked) throw new GensynError('N0412', `the node at ${client.url} does not know demand ${id} yet`);
  return {
    record: Number(asked.args['record']),
    entry: asked.args['entry'] as bigint,
    piece: asked.args['piece'] as bigint,
    outcome: OUTCOMES[Number(outcome)]!,
    until: Number(since + clocks[0]!),
    answer: answered?.transaction,
  };
}
