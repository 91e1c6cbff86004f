/** The operator in dispute: the line of the job that it computes, its operands, and the operation itself. */
import type { DisputeRecord } from '@gensyn/protocol';
import { count, exact } from '../words.js';
import { formula } from './formula.js';
import { box, escaped, heading, INNER, line, MARGIN, px, type Section } from './markup.js';
import { printable } from './printable.js';
import { sourceLine, type SourceLine } from './source-line.js';
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
  const written = sourceLine(record, LINE.most);
  if (written) {
    parts.push(drawnLine(written, y));
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

/** The line with its expression underlined. */
function drawnLine({ text, place, from, length }: SourceLine, y: number): string {
  const left = MARGIN + 18;
  const width = [...text].length * LINE.advance;
  const under =
    length > 0
      ? `<path class="under" d="M${px(left + from * LINE.advance)} ${y + 34}h${px(length * LINE.advance)}"/>`
      : '';
  return [
    box('panel', MARGIN, y, INNER, LINE.height, 6),
    `<text class="code" x="${left}" y="${y + 27}" textLength="${px(width)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${escaped(text, LINE.most)}</text>`,
    under,
    line('tiny', MARGIN + INNER - 12, y + 16, place, { anchor: 'end' }),
  ].join('');
}
