/** What a dispute was about and how it ended, in sentences. */
import type { DisputeRecord, ShownValue } from '@gensyn/protocol';
import { count, counted, duration, exact } from '../words.js';
import { descentRows } from './descent-rows.js';
import { formula } from './formula.js';
import { printable, short } from './printable.js';

/** Of the defender and of the challenger. */
export function sidesOf({ seat }: DisputeRecord): readonly [string, string] {
  return [seat === 0 ? 'solver' : 'verifier', 'challenger'];
}

export function headline(record: DisputeRecord): string {
  const [defender, challenger] = sidesOf(record);
  if (!record.verdict) return 'The dispute goes on';
  if (record.verdict.outcome === 'neither') return 'Neither side told the truth';
  return `The ${record.verdict.outcome === 'defender' ? defender : challenger} was right`;
}

/** One line of facts under the headline. */
export function facts(record: DisputeRecord): string {
  const { transactions, moves, gas, started, ended } = record;
  const end = ended ?? transactions.at(-1)?.time ?? started;
  return [
    `${record.seat === 0 ? 'claim' : `attestation of seat ${record.seat} to claim`} ${record.claim} of task ${record.task}`,
    counted(Math.max(0, moves.length - 1), 'move'),
    `${count(gas.total)} gas`,
    duration(end - started),
    `chain ${record.chainId}`,
    `${new Date(started * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ].join(' · ');
}

/** Sentences: what was agreed on, where the sides part, what the chain found, what it cost. */
export function story(record: DisputeRecord): string[] {
  const { run } = record;
  const [defender, challenger] = sidesOf(record);
  const rows = descentRows(record).filter(({ state }) => state === 'found');
  const first =
    record.seat === 0
      ? `Of ${counted(run.steps, 'step')} from step ${count(run.from)} the ${defender} and the ${challenger} state different results.`
      : `The ${defender} and the ${challenger} state different operator lists for the last of ${counted(run.steps, 'step')} from step ${count(run.from)}.`;
  const places = rows.map(({ level, label, from, of }) =>
    level === 'operator' || label === undefined
      ? operatorWords(record) || `${level} ${from + 1} of ${of}`
      : printable(label),
  );
  const where =
    places.length === 0
      ? []
      : [`Up to ${places.join(', ')}, they agree on everything; there they differ first.`];
  return [first, ...where, ...ending(record)];
}

function operatorWords({ disputed: { operator } }: DisputeRecord): string {
  if (!operator) return '';
  const name = operator.op ?? operator.name;
  const at = operator.span
    ? ` (${printable(operator.span.file, 60)}:${operator.span.line}:${operator.span.column})`
    : '';
  return name === undefined ? `operator ${operator.node}` : `${printable(name, 40)}${at}`;
}

function ending(record: DisputeRecord): string[] {
  const { verdict } = record;
  if (!verdict) return [];
  const [defender, challenger] = sidesOf(record);
  const loser = verdict.outcome === 'defender' ? challenger : defender;
  if (verdict.by === 'clock') return [`The ${loser} let its clock run out.`];
  if (verdict.by === 'move')
    return [
      verdict.outcome === 'neither'
        ? 'A move showed that both had committed to something that cannot be.'
        : `A move showed that the ${loser} had committed to something that cannot be.`,
    ];
  const expression = formula(record);
  const stated = verdict.values;
  return [
    `The chain computed ${expression ? `${expression} = ` : ''}${verdict.right ? valueWords(verdict.right) : 'the value'}.`,
    ...(stated
      ? [`The ${defender} had ${valueWords(stated[0])}, the ${challenger} ${valueWords(stated[1])}.`]
      : []),
  ];
}

/** A number, or the ends of a digest. */
export function valueWords({ value, bits }: ShownValue): string {
  return value === undefined ? short(bits, 8) : Object.is(value, -0) ? '-0' : exact(value);
}
