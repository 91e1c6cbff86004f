/** The operation in dispute with its operands put in, as one writes it down. */
import type { DisputeRecord } from '@gensyn/protocol';
import { exact } from '../words.js';

const BETWEEN: Readonly<Record<string, string>> = {
  Add: '+',
  Sub: '−',
  Mul: '×',
  Div: '÷',
  Less: '<',
  LessOrEqual: '≤',
  Equal: '=',
  And: 'and',
  Or: 'or',
};
const BEFORE: Readonly<Record<string, string>> = { Neg: '−', Sqrt: '√', Not: 'not ' };
const CALLED: Readonly<Record<string, string>> = { Min: 'min', Max: 'max', Where: 'where', ReduceMax: 'max' };
/** More terms than these are counted instead. */
const TERMS = 3;

/** Undefined where the operands are not known, or no scalar operation follows from them. */
export function formula({ verdict, disputed }: DisputeRecord): string | undefined {
  const op = disputed.operator?.op;
  const values = verdict?.operands?.map(({ value }) => signed(value));
  if (op === undefined || values === undefined || values.length === 0) return undefined;
  const [a, b] = values;
  if (BETWEEN[op] && values.length === 2) return `${a} ${BETWEEN[op]} ${b}`;
  if (BEFORE[op] && values.length === 1) return `${BEFORE[op]}${a}`;
  if (op === 'Abs' && values.length === 1) return `|${a}|`;
  // Of a long sum one term is judged, on top of the agreed partial result before it.
  if (op === 'Dot') return `${disputed.term && disputed.term.index > 0 ? '… + ' : ''}${sum(values)}`;
  if (CALLED[op])
    return values.length <= 2 * TERMS
      ? `${CALLED[op]}(${values.join(', ')})`
      : `${CALLED[op]} of ${values.length} values`;
  // What moves elements, and what casts them, has one.
  return values.length === 1 ? `${op} of ${a}` : undefined;
}

/** Operands of a product stand in pairs, left and right of each term. */
function sum(values: readonly string[]): string {
  const terms = Array.from(
    { length: Math.floor(values.length / 2) },
    (_, i) => `${values[2 * i]} × ${values[2 * i + 1]}`,
  );
  if (terms.length <= TERMS) return terms.join(' + ');
  return `${terms.slice(0, TERMS - 1).join(' + ')} + … (${terms.length} terms)`;
}

function signed(value: number): string {
  const text = (Object.is(value, -0) ? '-0' : exact(value)).replace('-', '−');
  return text.startsWith('−') ? `(${text})` : text;
}
