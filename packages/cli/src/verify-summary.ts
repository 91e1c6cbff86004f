/** What a verification found, as text. */
import chalk from 'chalk';
import type { SegmentReport, VerificationReport } from '@gensyn/verifier';
import { block } from './job-summary.js';
import { counted, duration, figure, percent } from './words.js';

export interface VerifyContext {
  readonly fraud: boolean;
  /** Whether the job predicts instead of training, and which files with predictions were compared. */
  readonly predicts: boolean;
  readonly predictions: readonly string[] | undefined;
}

export function verifySummary(
  name: string,
  report: VerificationReport,
  { fraud, predicts, predictions }: VerifyContext,
): string {
  const { segments, findings, cost, of, seed, device, merges } = report;
  const table = segments.map(row);
  const found = findings.flatMap(({ code, message, claimed, expected }) => [
    `${chalk.red(`error[${code}]:`)} ${chalk.bold(message)}`,
    ...(claimed === undefined ? [] : [`  claimed  ${String(claimed)}`]),
    ...(expected === undefined ? [] : [`  found    ${String(expected)}`]),
  ]);
  const times =
    cost.timeShare === undefined
      ? duration(cost.milliseconds / 1000)
      : `${duration(cost.milliseconds / 1000)} against ${duration(cost.claimedMilliseconds / 1000)} of ${predicts ? 'predicting' : 'training'} (${percent(cost.timeShare)})`;
  const facts = block([
    [
      'replayed',
      `${segments.filter(({ computed }) => computed).length} of ${counted(of, 'segment')} on ${device}, ${cost.replayedSteps} of ${counted(cost.steps, 'step')} (${percent(cost.stepShare)})`,
    ],
    ...(merges
      ? [
          [
            'merges',
            `${merges.checked} of ${merges.of} computed again${merges.unavailable > 0 ? `; of ${merges.unavailable} the states are not available` : ''}`,
          ] as const,
        ]
      : []),
    ['time', times],
    ...(predictions && predictions.length > 0
      ? [['predictions', `${predictions.join(', ')} compared with the last state`] as const]
      : []),
    ...(seed === undefined ? [] : [['seed', seed] as const]),
  ]);
  return [
    ...(table.length > 0 ? [header(), ...table, ''] : []),
    ...(found.length > 0 ? [...found, `  \`gensyn explain ${findings[0]!.code}\` tells more`, ''] : []),
    verdictLine(name, report, fraud),
    facts,
  ].join('\n');
}

function verdictLine(name: string, { verdict, findings }: VerificationReport, fraud: boolean): string {
  if (verdict === 'verified')
    return `${chalk.green('✔')} ${chalk.bold(`${name} is verified`)}: every replayed segment reaches the claimed state`;
  if (fraud)
    return `${chalk.red('✘')} ${chalk.bold(`${name} is wrong`)}: something it claims is provably not so`;
  return `${chalk.red('✘')} ${chalk.bold(`${name} is not verified`)}: ${reason(verdict, new Set(findings.map(({ code }) => code)))}`;
}

function reason(verdict: VerificationReport['verdict'], codes: ReadonlySet<string>): string {
  if (codes.has('V0207')) return 'its predictions are not those that it came to';
  if (verdict !== 'unavailable') return 'its proof is malformed';
  return codes.size === 1 && codes.has('V0206')
    ? 'the state that it came to is missing or damaged'
    : 'not all that was asked for could be replayed';
}

const short = (root: string): string => `${root.slice(0, 8)}…${root.slice(-8)}`;

function header(): string {
  return chalk.dim(
    `  ${'segment'.padEnd(9)}${'steps'.padEnd(17)}${'claimed state'.padEnd(19)}${'replayed state'.padEnd(19)}${'loss'.padEnd(11)}time`,
  );
}

function row({ segment, shard, from, to, claimed, computed, match, milliseconds }: SegmentReport): string {
  const sign = match ? chalk.green('✔') : chalk.red('✘');
  const found = computed ? short(computed.stateRoot) : 'none';
  const loss = computed?.loss === undefined ? '' : figure(computed.loss);
  return `${sign} ${String(segment).padEnd(9)}${`${from} to ${to}${shard === undefined ? '' : ` (${shard})`}`.padEnd(17)}${short(claimed.stateRoot).padEnd(19)}${found.padEnd(19)}${loss.padEnd(11)}${duration(milliseconds / 1000)}`;
}
