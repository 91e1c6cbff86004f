/** The operator in dispute: the line of the job that it computes, its operands, and the operation itself. */
import type { DisputeRecord } from '@gensyn/protocol';
import { count, exact } from '../words.js';
import { formula } from './formula.js';
import { box, heading, INNER, line, MARGIN, px, type Section } from './markup.js';
import { printable } from './printable.js';
import { valueWords } from './story.js';

const LINE = { most: 100, advance: 8.43, height: 44 } as const;
const OPERANDS = 4;

export function operatorSection(record: DisputeRecord): Section | undefined {
  const { operator, step, element, term } = record.disputed;
  if (!operator) return undefined;
  const what = [
    operator.op ?? operator.name ?? `operator ${operator.node}`,
    ...(operator.type === undefined ? [] : [operator.type]),
    ...(step === undefined ? [] : [`step ${count(step)}`]),
    ...(element
      ? [`element ${element.indices ? `[${element.indices.join(', ')}]` : count(element.index)}`]
      : []),
    ...(term ? [`term ${count(term.index)}`] : []),
  ].join(' · ');
  const parts: string[] = [heading('The operation in dispute', what)];
  let y = 34;
  if (operator.source !== undefined) {
    parts.push(sourceLine(operator.source, operator.span, y));
    y += LINE.height + 14;
  }
  for (const operand of record.verdict?.operands?.slice(0, OPERANDS) ?? []) {
    parts.push(
      line('soft', MARGIN, y + 12, `${operand.op}`, { most: 14 }),
      line('ink mono', MARGIN + 110, y + 12, `${printable(operand.name, 28)}[${operand.element}]`),
      line('ink mono', MARGIN + 470, y + 12, exact(operand.value), { anchor: 'end' }),
    );
    y += 22;
  }
  const more = (record.verdict?.operands?.length ?? 0) - OPERANDS;
  if (more > 0) {
    parts.push(line('soft', MARGIN, y + 12, `and ${count(more)} more`));
    y += 22;
  }
  const said = formula(record);
  const right = record.verdict?.right;
  if (said !== undefined && right) {
    parts.push(line('ink mono strong big', MARGIN, y + 24, `${said} = ${valueWords(right)}`, { most: 84 }));
    y += 36;
  }
  return { height: y, svg: parts.join('') };
}

type Place = NonNullable<DisputeRecord['disputed']['operator']>['span'];

/** The line with its expression underlined; indentation and what is beyond the width are left out. */
function sourceLine(source: string, at: Place, y: number): string {
  const indent = source.length - source.trimStart().length;
  const text = printable(source.trimEnd().slice(indent), LINE.most);
  const place = at ? `${printable(at.file, 40)}:${at.line}` : '';
  const left = MARGIN + 18;
  const from = at ? at.column - 1 - indent : -1;
  const length = at ? Math.min(at.length, [...text].length - from) : 0;
  const under =
    from >= 0 && length > 0 && from < [...text].length
      ? `<path class="under" d="M${px(left + from * LINE.advance)} ${y + 34}h${px(length * LINE.advance)}"/>`
      : '';
  return [
    box('panel', MARGIN, y, INNER, LINE.height, 6),
    `<g transform="translate(0 0)">${line('code', left, y + 27, text, { most: LINE.most }).replace('<text ', `<text textLength="${px([...text].length * LINE.advance)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" `)}</g>`,
    under,
    line('tiny', MARGIN + INNER - 12, y + 16, place, { anchor: 'end' }),
  ].join('');
}
