/** Source text to syntax tree, with every lexical and syntactic finding. */
import type { IToken } from 'chevrotain';
import { MAX_DIAGNOSTICS } from '../diagnostics/diagnostic.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/render.js';
import type { FileNode } from './ast.js';
import { layout } from './layout.js';
import { MAX_NESTING, MAX_SOURCE_LENGTH } from './limits.js';
import { GmlParser } from './parser.js';
import { locator } from './source.js';
import type { Locator, Source } from './source.js';
import { reportSyntax } from './report-syntax.js';
import * as t from './tokens.js';

let shared: GmlParser | undefined;

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
}

/** Tokens and comments of a file; characters that begin no token are reported and skipped. */
export function lex(source: Source, locate: Locator, diagnostics: Diagnostics): Lexed {
  const { tokens, groups, errors } = t.lexer.tokenize(source.text);
  for (const error of errors.slice(0, MAX_DIAGNOSTICS)) {
    const shown = printable(source.text.slice(error.offset, error.offset + Math.min(error.length, 12)));
    diagnostics.report('L0101', `'${shown}' has no meaning here`, {
      span: locate.span(error.offset, error.length),
    });
  }
  const usable: IToken[] = [];
  for (const token of tokens) {
    if (token.tokenType === t.OpenString) {
      diagnostics.report('L0102', 'this string is not closed on its line', {
        span: locate.span(token.startOffset, token.image.length),
        help: "end it with '\"'",
      });
      // Go on as if it were closed.
      usable.push({
        ...token,
        tokenType: t.StringToken,
        tokenTypeIdx: t.StringToken.tokenTypeIdx!,
        image: `${token.image.replace(/\\$/, '')}"`,
      });
    } else usable.push(token);
  }
  return { tokens: usable, comments: groups['comments'] ?? [] };
}

/** Parses one file. The tree is complete only if nothing was reported. */
export function parse(source: Source, diagnostics: Diagnostics): FileNode {
  const empty: FileNode = { path: source.path, items: [] };
  if (source.text.length > MAX_SOURCE_LENGTH) {
    diagnostics.report('L0120', `${source.path} is larger than ${MAX_SOURCE_LENGTH} characters`);
    return empty;
  }
  const locate = locator(source);
  const { tokens, tooDeep } = layout(lex(source, locate, diagnostics).tokens);
  if (tooDeep !== undefined) {
    diagnostics.report('L0121', `nested more than ${MAX_NESTING} deep`, {
      span: locate.span(tooDeep.startOffset, tooDeep.image.length),
    });
    return empty;
  }
  const parser = (shared ??= new GmlParser());
  const file = parser.parse(tokens, source.path, source.text.length, locate, (code, message, span) =>
    diagnostics.report(code, message, { span }),
  );
  reportSyntax(parser, tokens, source, locate, diagnostics);
  return file;
}
