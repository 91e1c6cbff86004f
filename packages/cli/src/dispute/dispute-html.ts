/** A dispute as one page that needs nothing else: the picture, the story, and every number behind it. No scripts. */
import type { DisputeRecord } from '@gensyn/protocol';
import { count, duration, exact } from '../words.js';
import { disputeSvg } from './dispute-svg.js';
import { formula } from './formula.js';
import { LEAVES, leavesInDispute } from './level-words.js';
import { escaped } from './markup.js';
import { PAGE_STYLE } from './palette.js';
import { facts, headline, sidesOf, story } from './story.js';
import { tokens } from './tokens.js';

/** Rows of the table of operands: a reduction judged whole has a few dozen. */
const OPERANDS = 200;

export function disputeHtml(record: DisputeRecord): string {
  const title = `Dispute ${record.challenge}: ${headline(record)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${disputeSvg(record)}
<h2>What happened</h2>
${story(record)
  .map((sentence) => `<p>${escaped(sentence, 800)}</p>`)
  .join('\n')}
<p class="note">${escaped(facts(record))}</p>
${parties(record)}
${places(record)}
${operands(record)}
${moves(record)}
${transactions(record)}
${money(record)}
</body>
</html>
`;
}

type Cell = string | number | { readonly code: string };

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell): string => {
    if (typeof value === 'number') return `<td class="n">${count(value)}</td>`;
    if (typeof value === 'string') return `<td>${escaped(value)}</td>`;
    return `<td class="m">${escaped(value.code)}</td>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  const titles = head.map(
    (text, n) => `<th${typeof rows[0]?.[n] === 'number' ? ' class="n"' : ''}>${escaped(text)}</th>`,
  );
  return `<div class="wide"><table><thead><tr>${titles.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function parties(record: DisputeRecord): string {
  const [defender, challenger] = sidesOf(record);
  const rows = [
    [defender, { code: record.defender }, { code: record.roots[0] }],
    [challenger, { code: record.challenger }, { code: record.roots[1] }],
  ];
  const where = `Market <code>${escaped(record.market)}</code> on chain ${record.chainId}, game ${record.game}, challenge ${record.challenge}.`;
  return `<h2>Parties</h2>\n${table(['side', 'account', 'committed to'], rows)}\n<p class="note">${where}</p>`;
}

function places(record: DisputeRecord): string {
  if (record.path.length === 0) return '';
  const [defender, challenger] = sidesOf(record);
  const rows = record.path.map(({ level, label, index, of, nodes }) => [
    LEAVES[level],
    label,
    index + 1,
    of,
    { code: nodes[0] },
    { code: nodes[1] },
  ]);
  return `<h2>The first difference on each level</h2>\n${table(['leaf', 'found', 'number', 'of', defender, challenger], rows)}`;
}

function operands(record: DisputeRecord): string {
  const { verdict, disputed } = record;
  const all = verdict?.operands ?? [];
  const stated = verdict?.values;
  const [defender, challenger] = sidesOf(record);
  const value = (of: { bits: string; value: number | undefined }): Cell[] => [
    of.value === undefined ? 'digest' : Object.is(of.value, -0) ? '-0' : exact(of.value),
    { code: of.value === undefined ? of.bits : `0x${of.bits.slice(-8)}` },
  ];
  const results = [
    ...(stated
      ? [
          [defender, ...value(stated[0])],
          [challenger, ...value(stated[1])],
        ]
      : []),
    ...(verdict?.right ? [['computed on chain', ...value(verdict.right)]] : []),
  ];
  if (all.length === 0 && results.length === 0) return '';
  const { operator } = disputed;
  const name = operator ? ` of ${operator.op ?? ''} ${operator.name ?? ''}` : '';
  const said = formula(record);
  return [
    `<h2>The operation</h2>`,
    operator?.source === undefined
      ? ''
      : `<p><code>${escaped(`${operator.span?.file ?? ''}:${operator.span?.line ?? ''}`)}&nbsp; ${escaped(operator.source.trim())}</code></p>`,
    said === undefined ? '' : `<p><code>${escaped(said)}</code></p>`,
    results.length === 0 ? '' : table([`value${name}`, 'number', 'bits'], results),
    all.length === 0
      ? ''
      : table(
          ['operand', 'operator', 'element', 'value'],
          all.slice(0, OPERANDS).map((each) => [each.name, each.op, each.element, exact(each.value)]),
        ),
    all.length > OPERANDS ? `<p class="note">and ${count(all.length - OPERANDS)} more</p>` : '',
  ].join('\n');
}

function moves(record: DisputeRecord): string {
  if (record.moves.length === 0) return '';
  const sides = sidesOf(record);
  const rows = record.moves.map((move) => [
    move.number,
    sides[move.side],
    leavesInDispute(move),
    move.gas,
    duration(move.seconds),
  ]);
  return `<h2>Moves</h2>\n${table(['move', 'by', 'still in dispute', 'gas', 'took'], rows)}`;
}

function transactions(record: DisputeRecord): string {
  if (record.transactions.length === 0) return '';
  const rows = record.transactions.map(({ action, block, time, sender, gas, hash }) => [
    action,
    block,
    new Date(time * 1000).toISOString().slice(11, 19),
    { code: sender },
    gas,
    { code: hash },
  ]);
  return `<h2>Transactions</h2>\n${table(['what', 'block', 'UTC', 'sender', 'gas', 'transaction'], rows)}`;
}

function money({ money: { bond, stake, slashed, bondReturned } }: DisputeRecord): string {
  const bondWords = bondReturned === undefined ? 'held' : bondReturned ? 'returned' : 'lost';
  const rows = slashed.map((each) => [
    tokens(each.amount),
    each.winner ? { code: each.winner } : each.won === '0' ? 'nobody' : 'those who are right',
    tokens(each.won),
    tokens(each.jackpot),
    tokens(each.burned),
  ]);
  return [
    '<h2>Money</h2>',
    `<p>Stake ${escaped(tokens(stake))}; bond of the challenger ${escaped(tokens(bond))}, ${bondWords}.</p>`,
    rows.length === 0 ? '' : table(['slashed', 'winner', 'won', 'to the jackpot', 'burned'], rows),
  ].join('\n');
}
