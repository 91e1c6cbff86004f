/** A task as people read it: where it stands, and for each claim its windows, committee and games. */
import chalk from 'chalk';
import { plainTokens, tokens, type Claim, type ClaimReport, type TaskReport } from '@gensyn/protocol';
import { fromNow } from './amounts.js';
import { block } from './job-summary.js';
import { shortAddress } from './table.js';
import { count, counted, duration } from './words.js';

type Row = readonly [string, string | readonly string[]];

export function statusView({ task, now, reward, profile, parents, claims }: TaskReport): string {
  const percent = Math.floor((100 * task.done) / task.steps);
  const rows: Row[] = [
    [
      'state',
      `${coloured(task.status)}, ${count(task.done)} of ${counted(task.steps, 'step')} proven (${percent}%)`,
    ],
    ['submitter', task.submitter],
    ['reward', rewardLine(task.rewardMin, task.rewardMax, reward)],
    ...(task.segment < task.steps ? [['segments', counted(task.segment, 'step')] as const] : []),
    ...(task.firstStep > 0
      ? [['begins', `after ${counted(task.firstStep, 'step')} ${beginning(parents)}`] as const]
      : []),
    ...(task.status === 'open' || task.status === 'taken'
      ? [['deadline', fromNow(task.deadline, now, duration)] as const]
      : []),
    ...(profile
      ? [
          [
            'step',
            `${(profile.nanosecondsPerStep / 1e6).toPrecision(3)} ms, ${Math.round(profile.bytesOfMemory / 2 ** 20)} MiB, says ${shortAddress(profile.by)}`,
          ] as const,
        ]
      : []),
  ];
  const parts = [`${chalk.bold(`Task ${task.id}`)}\n\n${block(rows)}`];
  for (const claim of claims) parts.push(claimView(claim, now));
  return parts.join('\n\n');
}

const beginning = (parents: readonly number[]): string =>
  parents.length === 0
    ? 'of its parents'
    : `with states of task${parents.length > 1 ? 's' : ''} ${parents.join(', ')}`;

function claimView(claim: ClaimReport, now: number): string {
  const rows: Row[] = [
    [
      'state',
      `${coloured(claim.status)}, ${count(claim.delivered)} of ${counted(claim.steps, 'step')} delivered, from step ${count(claim.from)}`,
    ],
    ['solver', claim.solver],
    ['money', `${tokens(claim.reward)} for a stake of ${tokens(claim.stake)}`],
    ...(claim.status === 'working'
      ? [['work', `to be done ${fromNow(claim.deadline, now, duration)}`] as const]
      : []),
    ...(claim.status === 'proven' ? [['window', windowLine(claim, now)] as const] : []),
    ...(claim.committee.length > 0
      ? [
          [
            'committee',
            claim.committee.map(
              (member) => `seat ${member.seat} (${shortAddress(member.owner)}): ${dutyWord(member)}`,
            ),
          ] as const,
        ]
      : []),
    ...claim.challenges.map(({ id, challenger, seat, play, status }): Row => {
      const against = seat === 0 ? 'the claim' : `seat ${seat}`;
      return [
        `challenge ${id}`,
        [
          `of ${against} by ${shortAddress(challenger)}: ${status !== 'playing' ? `${play.outcome} won` : gameLine(play, now)}`,
        ],
      ];
    }),
    ...claim.demands.map((demand): Row => [`demand ${demand.id}`, [demandLine(demand, now)]]),
  ];
  return `${chalk.bold(`Claim ${claim.id}`)}\n\n${block(rows)}`;
}

/** Which window is open, and how long still. */
export function windowLine(claim: Claim, now: number): string {
  const windows = [
    ['attestations are committed', claim.commitEnd],
    ['attestations are revealed', claim.revealEnd],
    ['challenges', claim.challengeEnd],
    ['challenges that were committed to begin', claim.windowsEnd],
  ] as const;
  const open = windows.find(([, end]) => now <= end);
  if (open)
    return `${open[0]}, for ${duration(open[1] - now)}; all over ${fromNow(claim.windowsEnd, now, duration)}`;
  return claim.games > 0
    ? `all over; ${counted(claim.games, 'game')} to be ended`
    : 'all over; it can be settled';
}

/** What somebody wants to see of a claim on the chain, and what the solver has done about it. */
export function demandLine({ challenger, asked }: ClaimReport['demands'][number], now: number): string {
  const { record, entry, piece, outcome, until } = asked;
  const what = `for piece ${piece} of entry ${entry} of the state after record ${record}, by ${shortAddress(challenger)}`;
  if (outcome === 'defender') return `${what}: answered`;
  if (outcome !== 'open') return `${what}: ${chalk.red('not answered')}`;
  return `${what}: ${now > until ? 'the solver has no time left' : `the solver has ${duration(until - now)} to answer`}`;
}

function dutyWord({ revealed, commitment, lost, trace, assigned }: ClaimReport['committee'][number]): string {
  if (lost) return chalk.red('shown to be wrong');
  if (revealed)
    return /^0x0+1$/.test(trace)
      ? chalk.yellow('could not get the artefacts')
      : `attests to ${trace.slice(0, 10)}..`;
  if (!/^0x0+$/.test(commitment)) return 'has committed';
  return assigned ? 'silent so far' : 'was silent';
}

function gameLine(play: ClaimReport['challenges'][number]['play'], now: number): string {
  if (play.outcome !== 'open') return `${play.outcome} won, to be resolved`;
  const left = Math.max(0, play.clocks[play.turn] - (now - play.since));
  const side = play.turn === 0 ? 'defender' : 'challenger';
  return `at the ${play.descent.level}, step ${count(play.descent.step)}, after ${counted(play.moves.length, 'move')}; the ${side} has ${duration(left)}`;
}

function rewardLine(least: bigint, most: bigint, now: bigint | undefined): string {
  const range = least === most ? tokens(most) : `${plainTokens(least)} to ${tokens(most)}`;
  return now === undefined ? range : `${range}; the next segment pays ${tokens(now)} now`;
}

function coloured(status: string): string {
  const colour: Readonly<Record<string, (text: string) => string>> = {
    done: chalk.green,
    settled: chalk.green,
    slashed: chalk.red,
    abandoned: chalk.yellow,
    closed: chalk.dim,
  };
  return (colour[status] ?? chalk.cyan)(status);
}
