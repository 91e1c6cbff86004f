/** Chooses which of the parser's errors are worth showing: the first of each statement, and none that only echoes another. */
import type { IToken, TokenType } from 'chevrotain';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { didYouMean } from '../diagnostics/suggest.js';
import type { GmlParser } from './parser.js';
import type { Locator, Source } from './source.js';
import * as t from './tokens.js';

const openers = new Map<TokenType, TokenType>([
  [t.RightRound, t.LeftRound],
  [t.RightSquare, t.LeftSquare],
  [t.RightCurly, t.LeftCurly],
]);
const opening = new Set(openers.values());

/** The bracket that is still open before the token at `index`. */
function openBracket(tokens: readonly IToken[], index: number): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, index)) {
    if (opening.has(token.tokenType)) open.push(token);
    else if (open.at(-1)?.tokenType === openers.get(token.tokenType)) open.pop();
  }
  return open.at(-1);
}

/** For each token the number of the statement it is in (a separator ends its own). */
function numberStatements(tokens: readonly IToken[]): number[] {
  let statement = 0;
  return tokens.map((token) => {
    if (token.tokenType === t.LeftCurly || token.tokenType === t.RightCurly) return statement++;
    return token.tokenType === t.Separator ? statement++ : statement;
  });
}

/** The end of the block that follows in the statement of the token at `index`, if that statement still has one to come. */
function blockAfter(tokens: readonly IToken[], index: number): number {
  let at = index;
  while (at < tokens.length && tokens[at]!.tokenType !== t.LeftCurly) {
    if (tokens[at]!.tokenType === t.Separator || tokens[at]!.tokenType === t.RightCurly) return index;
    at++;
  }
  let depth = 0;
  for (; at < tokens.length; at++) {
    if (tokens[at]!.tokenType === t.LeftCurly) depth++;
    else if (tokens[at]!.tokenType === t.RightCurly && --depth === 0) return at;
  }
  return index;
}

/** Whether the statement of the token at `index` is a line of shards inside braces. */
function shardsInside(tokens: readonly IToken[], index: number): boolean {
  const [before, word, count] = [tokens[index - 2], tokens[index - 1], tokens[index]];
  const begins = before?.tokenType === t.Separator || before?.tokenType === t.LeftCurly;
  return (
    begins &&
    word?.tokenType === t.Shards &&
    count?.tokenType !== t.Equals &&
    openBracket(tokens, index) !== undefined
  );
}

interface Finding {
  readonly index: number;
  readonly token: IToken;
  readonly message: string;
  /** The innermost rule, to tell errors between declarations from those inside one. */
  readonly outermost: boolean;
}

export function reportSyntax(
  parser: GmlParser,
  tokens: readonly IToken[],
  source: Source,
  locate: Locator,
  diagnostics: Diagnostics,
): void {
  const places = new Map(tokens.map((token, index) => [token.startOffset, index]));
  const indexOf = (token: IToken) => places.get(token.startOffset) ?? tokens.length;
  const findings: Finding[] = parser.errors.map((error) => ({
    index: indexOf(error.token),
    token: error.token,
    message: error.message,
    outermost: error.context.ruleStack.length <= 1,
  }));
  for (const token of parser.unseparated) {
    const message = "L0110 expected a new line or ';' between two statements";
    findings.push({ index: indexOf(token), token, message, outermost: false });
  }
  findings.sort((a, b) => a.index - b.index);

  const statements = numberStatements(tokens);
  // Lexical slips are reported already; what the parser says about the same line follows from them.
  const slips = new Set(
    diagnostics.list.flatMap(({ span }) => (span?.file === source.path ? [span.line] : [])),
  );
  let last = -1;
  let silentUntil = -1;
  for (const { index, token, message, outermost } of findings) {
    const statement = statements[index] ?? statements.length;
    if (statement === last || index <= silentUntil) continue;
    last = statement;
    // A declaration that failed in its head: what stands in its braces was never looked at.
    silentUntil = blockAfter(tokens, index);
    let span = parser.spanOf(token);
    // What is missing at the end of a line is marked behind the last thing on it.
    if (token.tokenType === t.Separator && token.image !== ';') {
      const previous = tokens[index - 1];
      span = locate.span(previous === undefined ? 0 : previous.startOffset + previous.image.length, 0);
    } else if (index >= tokens.length) span = locate.span(source.text.trimEnd().length, 0);
    if (slips.has(span.line)) continue;
    const code = message.slice(0, 5);
    const [inLine = '', atStart = inLine] = message.slice(6).split('\0');
    const before = tokens[index - 1]?.tokenType;
    const open = code === 'L0111' ? openBracket(tokens, index) : undefined;
    diagnostics.report(code, before === t.Separator || before === t.LeftCurly ? atStart : inLine, {
      span,
      notes:
        open === undefined ? [] : [{ message: `'${open.image}' was opened here`, span: parser.spanOf(open) }],
      help: shardsInside(tokens, index)
        ? "'shards n sync every m' stands beside 'train', outside its braces"
        : outermost && token.tokenType === t.Identifier
          ? didYouMean(token.image, t.declarationWords)
          : undefined,
    });
  }
}
