/** Tokens and comments of a file as a tree of lines, blocks and bracketed groups: all that the layout depends on. */
import type { IToken, TokenType } from 'chevrotain';
import * as t from '../syntax/tokens.js';

/** A piece of a line: a token, or brackets with what they hold. */
export type Piece = IToken | Group;

export interface Group {
  readonly open: IToken;
  close: IToken;
  /** Separated by commas. */
  readonly elements: Element[];
  /** A trailing comma may be written: not in brackets that only group an expression. */
  readonly list: boolean;
}

export interface Element {
  readonly pieces: Piece[];
  /** Comments on lines of their own above it. */
  readonly before: string[];
  /** The comment behind it. */
  after: string | undefined;
}

export interface Line {
  readonly kind: 'line';
  /** Whether a blank line stands above it. */
  blank: boolean;
  readonly content: Element;
  block: Block | undefined;
}

export interface CommentLine {
  readonly kind: 'comment';
  blank: boolean;
  readonly text: string;
}

export interface Block {
  /** The word that begins the line with the brace: `train`, `fn`, ... */
  readonly owner: string;
  readonly lines: (Line | CommentLine)[];
  /** The comment behind the opening brace. */
  comment: string | undefined;
}

export const isGroup = (piece: Piece | undefined): piece is Group =>
  piece !== undefined && 'elements' in piece;

/** Words that introduce a clause in data, verify and market blocks, where they are not names. */
const clauseWords: ReadonlySet<TokenType> = new Set([
  t.Columns,
  t.Chars,
  t.Bytes,
  t.Member,
  t.Whole,
  t.Of,
  t.Sample,
  t.Reward,
  t.Deadline,
  t.Every,
  t.Steps,
]);
const clauseBlocks: ReadonlySet<string> = new Set(['data', 'verify', 'market']);

/** Whether a token is such a word here, so that a sign or bracket behind it begins something new. */
export function isClauseWord(token: IToken, owner: string): boolean {
  return clauseBlocks.has(owner) && clauseWords.has(token.tokenType);
}

const closers = new Map<TokenType, TokenType>([
  [t.LeftRound, t.RightRound],
  [t.LeftSquare, t.RightSquare],
]);

const element = (): Element => ({ pieces: [], before: [], after: undefined });

/** @param tokens laid out and free of syntax errors */
export function outline(text: string, tokens: readonly IToken[], comments: readonly IToken[]): Block {
  const root: Block = { owner: '', lines: [], comment: undefined };
  const blocks: Block[] = [root];
  const groups: Group[] = [];
  let line: Line | undefined;
  let end = 0;
  let next = 0;

  const gap = (from: number, to: number) => text.slice(from, to).split(/\r\n|\n|\r/).length - 1;
  const startLine = (blank: boolean): Line => ({ kind: 'line', blank, content: element(), block: undefined });

  function comment(token: IToken): void {
    const said = token.image.trimEnd();
    const lines = gap(end, token.startOffset);
    const own = lines > 0 || end === 0;
    const block = blocks.at(-1)!;
    const group = groups.at(-1);
    if (group !== undefined) {
      const current = group.elements.at(-1)!;
      const previous = group.elements.at(-2);
      const target = current.pieces.length > 0 ? current : previous;
      if (!own && target !== undefined && target.after === undefined) target.after = said;
      else current.before.push(said);
    } else if (line !== undefined) {
      // Between the parts of a statement that goes on: kept behind or above the whole.
      if (!own && line.content.after === undefined) line.content.after = said;
      else line.content.before.push(said);
    } else if (own)
      block.lines.push({ kind: 'comment', blank: lines > 1 && block.lines.length > 0, text: said });
    else {
      const last = block.lines.at(-1);
      if (last === undefined && block !== root && block.comment === undefined) block.comment = said;
      else if (last?.kind === 'line' && last.content.after === undefined) last.content.after = said;
      else block.lines.push({ kind: 'comment', blank: false, text: said });
    }
    end = token.startOffset + token.image.length;
  }

  function put(token: IToken): void {
    const block = blocks.at(-1)!;
    const type = token.tokenType;
    if (type === t.Separator) {
      // A line end between lines only; its length is no part of the gap that is measured next.
      line = undefined;
      return;
    }
    if (type === t.RightCurly) {
      line = undefined;
      blocks.pop();
      // The line whose block this was: a comment behind the brace belongs to it.
      end = token.startOffset + token.image.length;
      return;
    }
    if (type === t.LeftCurly && line !== undefined) {
      const [first] = line.content.pieces;
      line.block = {
        owner: isGroup(first) || first === undefined ? '' : first.image,
        lines: [],
        comment: undefined,
      };
      blocks.push(line.block);
      line = undefined;
      end = token.startOffset + token.image.length;
      return;
    }
    if (line === undefined) {
      line = startLine(block.lines.length > 0 && gap(end, token.startOffset) > 1);
      block.lines.push(line);
    }
    end = token.startOffset + token.image.length;
    const group = groups.at(-1);
    const current = group === undefined ? line.content : group.elements.at(-1)!;
    if (closers.has(type)) {
      const previous = current.pieces.at(-1);
      const called =
        previous !== undefined &&
        !isGroup(previous) &&
        (previous.tokenType === t.Identifier ||
          previous.tokenType.CATEGORIES?.includes(t.Identifier) === true);
      const clause = called && isClauseWord(previous, block.owner);
      const made: Group = {
        open: token,
        close: token,
        elements: [element()],
        list: type === t.LeftSquare || (called && !clause),
      };
      current.pieces.push(made);
      groups.push(made);
    } else if (type === t.RightRound || type === t.RightSquare) {
      const closed = groups.pop();
      if (closed !== undefined) {
        closed.close = token;
        dropEmptyEnd(closed);
      }
    } else if (type === t.Comma && group !== undefined) group.elements.push(element());
    else current.pieces.push(token);
  }

  for (const token of tokens) {
    while (next < comments.length && comments[next]!.startOffset < token.startOffset)
      comment(comments[next++]!);
    put(token);
  }
  while (next < comments.length) comment(comments[next++]!);
  return root;
}

/** A trailing comma leaves an element with nothing in it; its comments stay. */
function dropEmptyEnd(group: Group): void {
  const last = group.elements.at(-1)!;
  if (last.pieces.length > 0 || last.before.length > 0 || last.after !== undefined) return;
  group.elements.pop();
}
