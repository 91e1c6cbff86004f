/**
 * The wording of syntax errors. Messages begin with their code; after a NUL
 * follows the wording for the start of a line. `reportSyntax` takes them apart.
 */
import type { IParserErrorMessageProvider, IToken, TokenType } from 'chevrotain';
import { chevrotain } from './chevrotain.js';
import { printable } from '../diagnostics/render.js';
import * as t from './tokens.js';

const declarations =
  "a declaration ('import', 'param', 'let', 'fn', 'model', 'data', 'train', 'predict', 'shards', 'verify' or 'market')";

/** What may stand in the braces of a rule. */
const contents: Readonly<Record<string, string>> = {
  block: "a statement or '}'",
  data: "a column ('name: type = source'), a setting or '}'",
  settings: "a setting ('key = value') or '}'",
  verify: "'checkpoint every n steps', 'sample n%' or '}'",
  market: "'reward a .. b GEN', 'deadline 2h' or '}'",
};

export function describe(token: IToken): string {
  if (token.tokenType === chevrotain.EOF) return 'the end of the file';
  if (token.tokenType === t.Separator) return token.image === ';' ? "';'" : 'the end of the line';
  const image = printable(token.image);
  return `'${image.length > 40 ? `${image.slice(0, 40)}…` : image}'`;
}

function label(type: TokenType): string {
  if (type === chevrotain.EOF) return declarations;
  return type.LABEL ?? type.name;
}

export const syntaxMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage({ expected, actual, ruleName }) {
    const found = describe(actual);
    if (expected === t.Identifier && t.reservedWords.has(actual.tokenType)) {
      return `L0112 expected a name, but ${found} is a reserved word`;
    }
    if (expected === t.RightCurly && !t.recoveryPoints.includes(actual.tokenType)) {
      // Which of the two it is depends on the token before, which recovery has moved past.
      const wanted = contents[ruleName] ?? "a new line or '}'";
      return `L0110 expected a new line or '}', found ${found}\0expected ${wanted}, found ${found}`;
    }
    const closes = expected === t.RightRound || expected === t.RightSquare || expected === t.RightCurly;
    const wanted = closes && expected !== t.RightCurly ? `',' or ${label(expected)}` : label(expected);
    return `${closes ? 'L0111' : 'L0110'} expected ${wanted}, found ${found}`;
  },
  buildNotAllInputParsedMessage({ firstRedundant }) {
    return `L0110 expected ${declarations}, found ${describe(firstRedundant)}`;
  },
  buildNoViableAltMessage({ actual, customUserDescription, ruleName }) {
    const wanted =
      customUserDescription ??
      contents[ruleName] ??
      (ruleName === 'dataEntry' ? contents['data'] : 'an expression');
    return `L0110 expected ${wanted}, found ${describe(actual[0]!)}`;
  },
  buildEarlyExitMessage({ actual }) {
    return `L0110 expected a string, found ${describe(actual[0]!)}`;
  },
};
