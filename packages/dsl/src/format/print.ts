/** Writes an outline in the one layout: two spaces a level, at most 110 columns, settings aligned. */
import type { IToken } from 'chevrotain';
import * as t from '../syntax/tokens.js';
import { isClauseWord, isGroup } from './outline.js';
import type { Block, CommentLine, Element, Group, Line, Piece } from './outline.js';

export const WIDTH = 110;
const INDENT = 2;

const operators = new Set([t.Plus, t.Minus, t.Star, t.Slash]);
/** After one of these a sign is a sign and not an operator. */
const openEnded = new Set([
  t.Plus,
  t.Minus,
  t.Star,
  t.Slash,
  t.Equals,
  t.Comma,
  t.Colon,
  t.Range,
  t.Repeat,
  t.From,
]);

const pad = (width: number) => ' '.repeat(width);

/** Whether the piece at `index` is the sign of what follows. */
function isSign(pieces: readonly Piece[], index: number, owner: string): boolean {
  const piece = pieces[index]!;
  if (isGroup(piece) || piece.tokenType !== t.Minus) return false;
  const previous = pieces[index - 1];
  if (previous === undefined) return true;
  return !isGroup(previous) && (openEnded.has(previous.tokenType) || isClauseWord(previous, owner));
}

const isWord = (token: IToken) =>
  token.tokenType === t.Identifier || token.tokenType.CATEGORIES?.includes(t.Identifier) === true;

function spaceBetween(pieces: readonly Piece[], index: number, owner: string): boolean {
  const left = pieces[index - 1];
  const right = pieces[index]!;
  if (left === undefined || isSign(pieces, index - 1, owner)) return false;
  if (!isGroup(left) && (left.tokenType === t.Dot || left.tokenType === t.Range)) return false;
  if (isGroup(right)) {
    if (isGroup(left)) return right.open.tokenType === t.LeftRound;
    return !isWord(left) || isClauseWord(left, owner);
  }
  const type = right.tokenType;
  return type !== t.Dot && type !== t.Range && type !== t.Colon && type !== t.Comma;
}

function flatGroup(group: Group, owner: string): string {
  return (
    group.open.image + group.elements.map((each) => flat(each.pieces, owner)).join(', ') + group.close.image
  );
}

function flat(pieces: readonly Piece[], owner: string): string {
  let text = '';
  pieces.forEach((piece, index) => {
    if (spaceBetween(pieces, index, owner)) text += ' ';
    text += isGroup(piece) ? flatGroup(piece, owner) : piece.image;
  });
  return text;
}

/** Comments inside brackets must keep lines of their own. */
function hasComments(pieces: readonly Piece[]): boolean {
  return pieces.some(
    (piece) =>
      isGroup(piece) &&
      piece.elements.some(
        (each) => each.before.length > 0 || each.after !== undefined || hasComments(each.pieces),
      ),
  );
}

/** The pieces from column `column` on; lines after the first are indented by `indent` at least. */
function print(
  pieces: readonly Piece[],
  indent: number,
  column: number,
  owner: string,
  tail: number,
): string {
  const whole = flat(pieces, owner);
  const forced = hasComments(pieces);
  if (!forced && column + whole.length + tail <= WIDTH) return whole;
  // Open the bracket that takes the most off the line, or every one that holds comments.
  let widest = -1;
  pieces.forEach((piece, index) => {
    if (!isGroup(piece) || piece.elements.length === 0) return;
    const best = widest < 0 ? undefined : (pieces[widest] as Group);
    if (best === undefined || flatGroup(piece, owner).length >= flatGroup(best, owner).length) widest = index;
  });
  const breaks = (piece: Piece, index: number) =>
    isGroup(piece) && (hasComments([piece]) || (!forced && index === widest && piece.elements.length > 0));
  if (widest < 0) return broken(pieces, indent, column, owner);
  let text = '';
  pieces.forEach((piece, index) => {
    if (spaceBetween(pieces, index, owner)) text += ' ';
    if (!isGroup(piece)) text += piece.image;
    else text += breaks(piece, index) ? brokenGroup(piece, indent, owner) : flatGroup(piece, owner);
  });
  return text;
}

function brokenGroup(group: Group, indent: number, owner: string): string {
  const inside = indent + INDENT;
  const lines: string[] = [];
  group.elements.forEach((each) => {
    for (const comment of each.before) lines.push(pad(inside) + comment);
    const after = each.after === undefined ? '' : ` ${each.after}`;
    if (each.pieces.length === 0) {
      if (after !== '') lines.push(pad(inside) + after.trimStart());
      return;
    }
    const comma = group.list ? ',' : '';
    lines.push(pad(inside) + print(each.pieces, inside, inside, owner, comma.length) + comma + after);
  });
  return `${group.open.image}\n${lines.join('\n')}\n${pad(indent)}${group.close.image}`;
}

/** A long sum or product without brackets goes on in the next line after an operator. */
function broken(pieces: readonly Piece[], indent: number, column: number, owner: string): string {
  let text = '';
  let at = column;
  pieces.forEach((piece, index) => {
    const word = isGroup(piece) ? flatGroup(piece, owner) : piece.image;
    const previous = pieces[index - 1];
    const breakable =
      previous !== undefined &&
      !isGroup(previous) &&
      operators.has(previous.tokenType) &&
      !isSign(pieces, index - 1, owner);
    // The operator behind the operand has to fit too.
    if (breakable && at + 1 + word.length + 2 > WIDTH) {
      text += `\n${pad(indent + 2 * INDENT)}`;
      at = indent + 2 * INDENT;
    } else if (spaceBetween(pieces, index, owner)) {
      text += ' ';
      at += 1;
    }
    text += word;
    at += word.length;
  });
  return text;
}

/** A block that fits in its line: `verify { ... }`, `market { ... }` and a repeat of one statement. */
function oneLine(line: Line, indent: number): string | undefined {
  const { block } = line;
  if (block === undefined || block.comment !== undefined || hasComments(line.content.pieces))
    return undefined;
  const short =
    block.owner === 'verify' ||
    block.owner === 'market' ||
    (block.owner === 'repeat' && block.lines.length <= 1);
  if (!short) return undefined;
  const inside: string[] = [];
  for (const each of block.lines) {
    if (each.kind === 'comment' || each.block !== undefined || each.content.after !== undefined)
      return undefined;
    if (each.content.before.length > 0 || hasComments(each.content.pieces)) return undefined;
    inside.push(flat(each.content.pieces, block.owner));
  }
  const head = flat(line.content.pieces, block.owner);
  const text = inside.length === 0 ? `${head} {}` : `${head} { ${inside.join('; ')} }`;
  return indent + text.length <= WIDTH ? text : undefined;
}

/** Splits `key = value` and `name: type = source` into the parts that are aligned with those of the lines around. */
function cells({ pieces }: Element, owner: string): string[] | undefined {
  if (owner !== 'train' && owner !== 'predict' && owner !== 'data') return undefined;
  const equals = pieces.findIndex((each) => !isGroup(each) && each.tokenType === t.Equals);
  const colon = pieces.findIndex((each) => !isGroup(each) && each.tokenType === t.Colon);
  if (equals < 0) return undefined;
  if (colon < 0) return [flat(pieces.slice(0, equals), owner)];
  return [flat(pieces.slice(0, colon + 1), owner), flat(pieces.slice(colon + 1, equals), owner)];
}

/** The aligned beginnings of the lines of a block (up to and with `= `), by line. */
function align(block: Block): Map<Line, string> {
  const heads = new Map<Line, string>();
  let run: { line: Line; parts: string[] }[] = [];
  const flush = () => {
    const widths = [0, 1].map((column) => Math.max(0, ...run.map(({ parts }) => parts[column]?.length ?? 0)));
    for (const { line, parts } of run) {
      heads.set(line, `${parts.map((part, column) => part.padEnd(widths[column]!)).join(' ')} = `);
    }
    run = [];
  };
  for (const line of block.lines) {
    const parts =
      line.kind === 'line' && line.block === undefined ? cells(line.content, block.owner) : undefined;
    if (
      parts === undefined ||
      line.kind !== 'line' ||
      line.blank ||
      parts.length !== run.at(-1)?.parts.length
    )
      flush();
    if (parts !== undefined && line.kind === 'line') run.push({ line, parts });
  }
  flush();
  return heads;
}

function printLine(line: Line, indent: number, owner: string, head: string | undefined): string {
  const { pieces, before, after } = line.content;
  const comments = before.map((each) => `${each}\n${pad(indent)}`).join('');
  const behind = after === undefined ? '' : ` ${after}`;
  const short = oneLine(line, indent);
  if (short !== undefined) return comments + short + behind;
  const { block } = line;
  if (block === undefined) {
    if (head === undefined) return comments + print(pieces, indent, indent, owner, 0) + behind;
    const equals = pieces.findIndex((each) => !isGroup(each) && each.tokenType === t.Equals);
    return comments + head + print(pieces.slice(equals + 1), indent, indent + head.length, owner, 0) + behind;
  }
  const start = `${comments}${print(pieces, indent, indent, block.owner, 2)} {`;
  const opened = block.comment === undefined ? start : `${start} ${block.comment}`;
  if (block.lines.length === 0 && block.comment === undefined) return `${start}}${behind}`;
  const inside = printBlock(block, indent + INDENT);
  return `${opened}\n${inside === '' ? '' : `${inside}\n`}${pad(indent)}}${behind}`;
}

/** Declarations with braces stand apart, together with the comments right above them. */
function spread(lines: readonly (Line | CommentLine)[]): void {
  lines.forEach((line, index) => {
    if (line.kind !== 'line' || line.block === undefined || oneLine(line, 0) !== undefined) return;
    let first = index;
    while (first > 0 && lines[first - 1]!.kind === 'comment' && !lines[first]!.blank) first--;
    if (first > 0) lines[first]!.blank = true;
    const next = lines[index + 1];
    if (next !== undefined) next.blank = true;
  });
}

export function printBlock(block: Block, indent: number): string {
  if (indent === 0) spread(block.lines);
  const heads = align(block);
  return block.lines
    .map((line, index) => {
      const text =
        line.kind === 'comment' ? line.text : printLine(line, indent, block.owner, heads.get(line));
      return `${line.blank && index > 0 ? '\n' : ''}${pad(indent)}${text}`;
    })
    .join('\n');
}
