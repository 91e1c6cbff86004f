/** What all parts of the grammar build on: places of tokens, literals, and going on after an error. */
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import type { Span } from '@gensyn/ir';
import type * as ast from './ast.js';
import { chevrotain } from './chevrotain.js';
import { readNumber, readString } from './literals.js';
import { join } from './source.js';
import type { Locator } from './source.js';
import { syntaxMessages } from './syntax-messages.js';
import * as t from './tokens.js';

/** A rule of the grammar that gives a `Result`. */
export type Rule<Result> = ParserMethod<[], Result>;
export type Finding = (code: string, message: string, span: Span) => void;

export const NOWHERE: Span = { file: '', offset: 0, length: 0, line: 1, column: 1 };
export const missing = (span: Span): ast.Missing => ({ kind: 'missing', span });

/** After so many errors the rest of the file is not looked at. */
const MAX_ERRORS = 50;
/** Methods of chevrotain's parser that its types do not show. */
const hidden = chevrotain.EmbeddedActionsParser.prototype as unknown as {
  flattenFollowSet(): TokenType[];
  shouldInRepetitionRecoveryBeTried(expected: TokenType, index: number, moved: boolean | undefined): boolean;
};

export class RecoveringParser extends chevrotain.EmbeddedActionsParser {
  protected locate: Locator | undefined;
  protected finding: Finding = () => {};
  protected end = 0;
  /** Tokens that begin a statement in the line of another one, of the last file parsed. */
  unseparated: IToken[] = [];
  /** Offsets of the tokens that stand inside braces; made when the first error asks for it. */
  protected braces: Set<number> | undefined;

  constructor() {
    super(t.vocabulary, {
      recoveryEnabled: true,
      maxLookahead: 2,
      errorMessageProvider: syntaxMessages,
      skipValidations: true,
    });
  }

  /** Takes the laid-out tokens of one file. Slips inside tokens go to `finding`. */
  protected begin(tokens: IToken[], length: number, locate: Locator, finding: Finding): void {
    this.input = tokens;
    this.locate = locate;
    this.finding = finding;
    this.end = length;
    this.unseparated = [];
    this.braces = undefined;
  }

  spanOf(token: IToken): Span {
    if (this.locate === undefined) return NOWHERE;
    // Tokens made up by recovery and the end of the file have no place of their own.
    if (!Number.isFinite(token.startOffset)) return this.locate.span(this.end, 0);
    return this.locate.span(token.startOffset, token.image.length);
  }

  /** From a token to the last one read. */
  protected from(first: IToken): Span {
    const start = this.spanOf(first);
    const last = this.LA(0);
    if (!Number.isFinite(last.startOffset) || last.startOffset < start.offset) return { ...start, length: 0 };
    return join(start, this.spanOf(last));
  }

  protected node<Result>(build: () => Result): Result {
    return this.ACTION(build);
  }

  protected identifier(token: IToken): ast.Identifier {
    return { name: token.image, span: this.spanOf(token) };
  }

  protected text(token: IToken): ast.StringLiteral {
    const span = this.spanOf(token);
    const { value, badEscape } = readString(token.image);
    if (badEscape !== undefined) {
      const at = this.locate!.span(token.startOffset + badEscape, 2);
      this.finding(
        'L0104',
        `'${token.image.slice(badEscape, badEscape + 2)}' is not an escape; known are \\" \\\\ \\n \\t`,
        at,
      );
    }
    return { kind: 'string', value, span };
  }

  protected number(token: IToken): ast.NumberLiteral {
    const span = this.spanOf(token);
    const read = readNumber(token.image);
    if ('problem' in read) {
      if (token.isInsertedInRecovery !== true) this.finding('L0103', read.problem, span);
      return { kind: 'number', value: 0, unit: '', span };
    }
    return { kind: 'number', value: read.value, unit: read.unit, span };
  }

  /** Two things in a list of statements stand on lines of their own. */
  protected expectSeparated(): void {
    const previous = this.LA(0).tokenType;
    if (previous !== t.Separator && previous !== t.LeftCurly && previous !== chevrotain.EOF) {
      this.unseparated.push(this.LA(1));
    }
  }

  /** After an error the parser goes on at the end of the statement, the end of the block or the next declaration. */
  protected findReSyncTokenType(): TokenType {
    if (this.errors.length >= MAX_ERRORS) return chevrotain.EOF;
    const wanted = this.insideBraces(this.LA(1)) ? t.recoveryPoints : t.recoveryPointsOutside;
    // Only where a rule that is under way can go on.
    const follow = hidden.flattenFollowSet.call(this);
    const points = wanted.filter((type) => follow.includes(type));
    for (let ahead = 1; ; ahead++) {
      const type = this.LA(ahead).tokenType;
      // A declaration begins a line; elsewhere its word is only a reserved word in the wrong place.
      const starts =
        type === t.Separator || type === t.RightCurly || this.LA(ahead - 1).tokenType === t.Separator;
      if (type === chevrotain.EOF || (starts && points.includes(type))) return type;
    }
  }

  // Chevrotain recovers inside a list by calling the rule again, one level deeper each time.
  protected shouldInRepetitionRecoveryBeTried(
    expected: TokenType,
    index: number,
    moved: boolean | undefined,
  ): boolean {
    return (
      this.errors.length < MAX_ERRORS &&
      hidden.shouldInRepetitionRecoveryBeTried.call(this, expected, index, moved)
    );
  }

  protected insideBraces(token: IToken): boolean {
    if (this.braces === undefined) {
      this.braces = new Set();
      let depth = 0;
      for (const each of this.input) {
        if (each.tokenType === t.RightCurly && depth > 0) depth--;
        if (depth > 0 || each.tokenType === t.RightCurly) this.braces.add(each.startOffset);
        if (each.tokenType === t.LeftCurly) depth++;
      }
    }
    return this.braces.has(token.startOffset);
  }

  // Missing closing marks may be made up; a made-up name or number would only cause a second error.
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return type === t.RightRound || type === t.RightSquare || type === t.Comma || type === t.Equals;
  }
}
