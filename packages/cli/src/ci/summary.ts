/** The result of a check for people: a table on the terminal, a table in Markdown. */
import chalk from 'chalk';
import { counted, duration } from '../words.js';
import type { JobCheck, Status } from './check-job.js';

const SIGNS: Readonly<Record<Status, string>> = {
  passed: '✔',
  updated: '✔',
  new: '●',
  skipped: '○',
  failed: '✘',
  error: '✘',
};

export const isGood = ({ status }: JobCheck): boolean => status !== 'failed' && status !== 'error';

function cells(check: JobCheck): string[] {
  const { name, status, steps, cached, compile, run, verify } = check;
  const time = (seconds: number): string => (seconds > 0 ? duration(seconds) : '');
  return [
    name,
    status,
    steps > 0 ? String(steps) : '',
    cached > 0 ? String(cached) : '',
    time(compile),
    time(run),
    time(verify),
    check.stateRoot === undefined ? '' : `${check.stateRoot.slice(0, 16)}…`,
  ];
}

const HEAD = ['job', 'result', 'steps', 'cached', 'compile', 'run', 'verify', 'last state'];

/** @returns lines for the terminal, findings below the jobs that they are of */
export function table(checks: readonly JobCheck[]): string {
  const rows = checks.map(cells);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)) + 2);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('')
      .trimEnd();
  const lines = checks.flatMap((check, i) => {
    const color = isGood(check)
      ? check.status === 'passed' || check.status === 'updated'
        ? chalk.green
        : chalk.yellow
      : chalk.red;
    return [
      `${color(SIGNS[check.status])} ${line(rows[i]!)}`,
      ...check.findings.map((each) => `    ${each}`),
    ];
  });
  return [chalk.dim(`  ${line(HEAD)}`), ...lines, '', total(checks)].join('\n');
}

function total(checks: readonly JobCheck[]): string {
  const seconds = checks.reduce((sum, each) => sum + each.seconds, 0);
  const statuses = [...new Set(checks.map(({ status }) => status))];
  const counts = statuses.map(
    (status) => `${checks.filter((each) => each.status === status).length} ${status}`,
  );
  const text = `${counted(checks.length, 'job')}: ${counts.join(', ')}, ${duration(seconds)}`;
  return checks.every(isGood) ? chalk.green(text) : chalk.red(text);
}

/** For a pull request or a workflow's page. */
export function markdown(checks: readonly JobCheck[]): string {
  const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const row = (each: readonly string[]): string => `| ${each.map(cell).join(' | ')} |`;
  const findings = checks.flatMap(({ name, findings: list }) =>
    list.map((each) => `* **${cell(name)}**: ${cell(each)}`),
  );
  return [
    '### Training jobs',
    '',
    row(HEAD),
    row(HEAD.map(() => '---')),
    ...checks.map((check) => row(cells(check))),
    ...(findings.length > 0 ? ['', ...findings] : []),
    '',
  ].join('\n');
}
