/** Decides which line ends separate statements, and refuses text that is nested too deeply to parse. */
import type { IToken, TokenType } from 'chevrotain';
import { MAX_NESTING } from './limits.js';
import * as t from './tokens.js';

/** After one of these a statement goes on in the next line. */
const continues: ReadonlySet<TokenType> = new Set([
  t.Plus, t.Minus, t.Star, t.Slash, t.Comma, t.Colon, t.Arrow, t.Range, t.Dot, t.From,
]); // prettier-ignore
/** Before one of these too: no statement begins with them. */
const continued: ReadonlySet<TokenType> = new Set([
  t.Plus,
  t.Star,
  t.Slash,
  t.Arrow,
  t.Range,
  t.Dot,
  t.LeftCurly,
  t.From,
]);
/** These begin a statement and cannot stand inside brackets, so a bracket left open ends before them. */
const restarts: ReadonlySet<TokenType> = new Set([
  t.Import, t.Param, t.Let, t.Fn, t.Data, t.Train, t.Verify, t.Market, t.Repeat, t.RightCurly,
]); // prettier-ignore

export interface Layout {
  readonly tokens: IToken[];
  /** The token at which nesting passed the limit; the rest is dropped. */
  readonly tooDeep: IToken | undefined;
}

/** Drops the line ends that do not separate: inside ( ) and [ ], around operators, doubled ones. `;` always stays. */
export function layout(tokens: readonly IToken[]): Layout {
  const kept: IToken[] = [];
  const open: TokenType[] = [];
  let signs = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const type = token.tokenType;
    signs = type === t.Minus ? signs + 1 : 0;
    if (type === t.Separator && token.image !== ';') {
      let next = i + 1;
      while (tokens[next]?.tokenType === t.Separator && tokens[next]!.image !== ';') next++;
      i = next - 1;
      const previous = kept.at(-1)?.tokenType;
      const following = tokens[next]?.tokenType;
      if (following !== undefined && restarts.has(following)) {
        while (open.length > 0 && open.at(-1) !== t.LeftCurly) open.pop();
      }
      const inside = open.length > 0 && open.at(-1) !== t.LeftCurly;
      const flows =
        (previous !== undefined && continues.has(previous)) ||
        (following !== undefined && continued.has(following));
      if (inside || flows || previous === undefined) continue;
    } else if (type === t.LeftRound || type === t.LeftSquare || type === t.LeftCurly) {
      open.push(type);
    } else if (type === t.RightRound || type === t.RightSquare) {
      const opener = type === t.RightRound ? t.LeftRound : t.LeftSquare;
      if (open.at(-1) === opener) open.pop();
    } else if (type === t.RightCurly) {
      while (open.length > 0 && open.pop() !== t.LeftCurly);
    }
    kept.push(token);
    if (open.length > MAX_NESTING || signs > MAX_NESTING) return { tokens: kept, tooDeep: token };
  }
  return { tokens: kept, tooDeep: undefined };
}
