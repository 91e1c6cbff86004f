/** All that the chain knows of a task: its claims, their committees, challenges and games. */
import { committeeOf } from './artefacts-of.js';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';
import { readDemand, type Demand } from './read-demand.js';
import { readGame, type Game } from './read-game.js';
import { challenges, claims, readDuty, readReward, readSeat, readTask } from './read-records.js';
import type { Challenge, Claim, Duty, Task } from './records.js';
import { readSelection } from './selection.js';

export interface TaskReport {
  readonly task: Task;
  /** Seconds that the next block would have. */
  readonly now: number;
  /** What the next segment pays now; undefined where none is open. */
  readonly reward: bigint | undefined;
  /** What its submitter or others said that a step takes. */
  readonly profile:
    { readonly by: string; readonly nanosecondsPerStep: number; readonly bytesOfMemory: number } | undefined;
  /** Tasks of whose final states it begins with entries, as a merge of shards does; none for other tasks. */
  readonly parents: readonly number[];
  /** Oldest first. */
  readonly claims: readonly ClaimReport[];
}

export interface ClaimReport extends Claim {
  /** Seats that were drawn. */
  readonly committee: readonly (Duty & { readonly seat: number; readonly owner: string })[];
  readonly challenges: readonly (Challenge & { readonly play: Game })[];
  readonly demands: readonly (Challenge & { readonly asked: Demand })[];
}

/** Errors: N0404 no such task, N0410, N0412. */
export async function taskReport(client: MarketClient, id: number): Promise<TaskReport> {
  const task = await readTask(client, id);
  const [now, mine, profiles] = await Promise.all([
    client.now(),
    claims(client, { task: id }),
    events(client, client.market, 'Profiled', [id], { most: 1, backwards: true }),
  ]);
  const reports: ClaimReport[] = [];
  for (const claim of mine.toReversed()) reports.push(await claimReport(client, claim));
  const profile = profiles.at(-1)?.args;
  return {
    task,
    now,
    reward: task.status === 'open' ? (await readReward(client, id)).reward : undefined,
    profile: profile && {
      by: String(profile['by']),
      nanosecondsPerStep: Number(profile['nanosecondsPerStep']),
      bytesOfMemory: Number(profile['bytesOfMemory']),
    },
    parents: task.firstStep > 0 ? ((await readSelection(client, id))?.parents ?? []) : [],
    claims: reports,
  };
}

/** Errors: N0410, N0412. */
export async function claimReport(client: MarketClient, claim: Claim): Promise<ClaimReport> {
  const drawn = claim.members > 0 ? await committeeOf(client, claim.id) : [];
  const committee = await Promise.all(
    drawn.map(async (seat) => {
      const [duty, { owner }] = await Promise.all([readDuty(client, claim.id, seat), readSeat(client, seat)]);
      return { ...duty, seat, owner };
    }),
  );
  const against = claim.provenBlock === 0 ? [] : await challenges(client, { claim: claim.id });
  const played: (Challenge & { readonly play: Game })[] = [];
  const demands: (Challenge & { readonly asked: Demand })[] = [];
  for (const challenge of against.toReversed()) {
    if (challenge.kind === 'demand')
      demands.push({ ...challenge, asked: await readDemand(client, challenge, claim.provenBlock) });
    else played.push({ ...challenge, play: await readGame(client, challenge.game, claim.provenBlock) });
  }
  return { ...claim, committee, challenges: played, demands };
}
