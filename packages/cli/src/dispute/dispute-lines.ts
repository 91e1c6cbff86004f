/** A dispute as lines of a terminal: how far the descent has come, whose turn it is, what it cost, how it ended. */
import type { DisputeRecord } from '@gensyn/protocol';
import chalk from 'chalk';
import { count, counted, duration } from '../words.js';
import { descentRows, type DescentRow } from './descent-rows.js';
import { formula } from './formula.js';
import { account, printable } from './printable.js';
import { sourceLine } from './source-line.js';
import { headline, sidesOf, valueWords } from './story.js';
import { tokens } from './tokens.js';

const NAME = 13;
const BAR = 28;

/** @param width columns; lines are cut there. @param waited seconds since the record was read, off the clock that runs */
export function disputeLines(record: DisputeRecord, width: number, waited = 0): string[] {
  const [defender, challenger] = sidesOf(record);
  const about = record.seat === 0 ? '' : `, attestation of seat ${record.seat}`;
  const rows = descentRows(record);
  return [
    `${chalk.bold(`Dispute ${record.challenge}`)}: task ${record.task}, claim ${record.claim}${about}`,
    `  ${orange(defender)} ${account(record.defender)}  against  ${blue(challenger)} ${account(record.challenger)}`,
    '',
    ...rows.flatMap((row) => [rowLine(row, record), ...(row.level === 'operator' ? source(record) : [])]),
    ...(rows.length > 0 ? [''] : []),
    ...(record.verdict ? ending(record) : [turnLine(record, waited)]),
    `  ${costs(record)}`,
  ].map((text) => cut(text, width));
}

function rowLine(
  { level, state, from, to, of, within, label }: DescentRow,
  { disputed }: DisputeRecord,
): string {
  const name = level.padEnd(NAME);
  if (state === 'to come') return chalk.dim(`  ${name}`);
  const all = of === undefined ? '' : ` of ${count(of)}`;
  if (state === 'narrowing') {
    const found = `${count(from + 1)} to ${count(to)}`;
    return `${chalk.cyan('›')} ${name}${stretch(from, to, within)} ${found}`;
  }
  const { operator, element } = disputed;
  const said =
    level === 'operator' && operator
      ? [operator.op ?? operator.name ?? `operator ${operator.node}`, operator.type].filter(Boolean).join(' ')
      : level === 'element' && element?.indices
        ? `[${element.indices.join(', ')}]`
        : (label ?? String(from + 1));
  const where = said.includes(' of ') ? '' : chalk.dim(`  ${count(from + 1)}${all}`);
  return `${chalk.red('✘')} ${name}${stretch(from, to, within)} ${printable(said, 60)}${where}`;
}

/** The entries in dispute on a line of all. */
function stretch(from: number, to: number, of: number): string {
  const left = Math.min(BAR - 1, Math.floor((BAR * from) / Math.max(1, of)));
  const right = Math.max(left + 1, Math.min(BAR, Math.ceil((BAR * to) / Math.max(1, of))));
  return (
    chalk.dim('─'.repeat(left)) + chalk.red('━'.repeat(right - left)) + chalk.dim('─'.repeat(BAR - right))
  );
}

/** The line of the job that the operator comes from, with its expression marked. */
function source(record: DisputeRecord): string[] {
  const found = sourceLine(record, 100);
  if (!found) return [];
  const { text, place, from, length } = found;
  const head = `    ${place}  `;
  return [
    chalk.dim(head) + text,
    ...(length > 0 ? [' '.repeat(head.length + from) + chalk.red('^'.repeat(length))] : []),
  ];
}

function turnLine(record: DisputeRecord, waited: number): string {
  if (!record.turn) return `  ${chalk.cyan('waiting for the chain to judge')}`;
  const { side, left } = record.turn;
  const name = sidesOf(record)[side];
  return `  ${(side === 0 ? orange : blue)(name)} to move, ${duration(Math.max(0, Math.round(left - waited)))} on its clock`;
}

function ending(record: DisputeRecord): string[] {
  const { verdict, money } = record;
  const [defender, challenger] = sidesOf(record);
  const said = formula(record);
  const value = verdict!.right;
  const stated = verdict!.values;
  const why =
    verdict!.by === 'clock'
      ? ', for a clock ran out'
      : verdict!.by === 'move'
        ? ', as a move itself showed'
        : '';
  return [
    ...(value
      ? [
          `  ${'the chain'.padEnd(NAME)}${said === undefined ? '' : `${said} = `}${chalk.green(valueWords(value))}`,
        ]
      : []),
    ...(stated
      ? [`  ${defender.padEnd(NAME)}${marked(record, 0)}`, `  ${challenger.padEnd(NAME)}${marked(record, 1)}`]
      : []),
    '',
    `${chalk.bold(headline(record))}${why}`,
    ...money.slashed.map(
      ({ amount, won, winner, burned, jackpot }) =>
        `  slashed ${tokens(amount)}: ${winner ? `${tokens(won)} to ${account(winner, 4)}, ` : won === '0' ? '' : `${tokens(won)} for those who are right, `}${tokens(burned)} burned, ${tokens(jackpot)} to the jackpot`,
    ),
  ];
}

function marked({ verdict }: DisputeRecord, side: 0 | 1): string {
  const value = verdict!.values![side];
  const right = verdict!.outcome === (side === 0 ? 'defender' : 'challenger');
  return `${valueWords(value)} ${right ? chalk.green('✔') : chalk.red('✘')}`;
}

function costs(record: DisputeRecord): string {
  const { gas, moves } = record;
  const [defender, challenger] = sidesOf(record);
  return chalk.dim(
    `${counted(Math.max(0, moves.length - 1), 'move')}, ${count(gas.total)} gas (${defender} ${count(gas.defender)}, ${challenger} ${count(gas.challenger)})`,
  );
}

const orange = (text: string): string => chalk.yellow(text);
const blue = (text: string): string => chalk.blueBright(text);

/** Colours take no columns. */
// eslint-disable-next-line no-control-regex -- colours begin with one
const COLOUR = /\u001b\[[0-9;]*m/g;

function cut(text: string, width: number): string {
  const plain = text.replace(COLOUR, '');
  return plain.length < width ? text : `${plain.slice(0, Math.max(1, width - 2))}…`;
}
