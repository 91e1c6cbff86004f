/** The tokens of GML. Words that have a meaning only in one place stay usable as names; reserved words do not. */
import type { ITokenConfig, TokenType } from 'chevrotain';
import { chevrotain } from './chevrotain.js';

const { createToken, Lexer, EOF } = chevrotain;

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a name',
});

const reserved = (word: string): TokenType =>
  createToken({ name: `Reserved_${word}`, pattern: word, longer_alt: Identifier, label: `'${word}'` });
const contextual = (word: string, pattern: string | RegExp = word): TokenType =>
  createToken({
    name: `Word_${word}`,
    pattern,
    longer_alt: Identifier,
    categories: [Identifier],
    label: `'${word}'`,
  });
const mark = (name: string, pattern: string, more: Partial<ITokenConfig> = {}): TokenType =>
  createToken({ name, pattern, label: `'${pattern}'`, ...more });

export const Import = reserved('import');
export const Param = reserved('param');
export const Let = reserved('let');
export const Fn = reserved('fn');
export const Data = reserved('data');
export const From = reserved('from');
export const Train = reserved('train');
export const Verify = reserved('verify');
export const Market = reserved('market');
export const Repeat = reserved('repeat');
export const True = reserved('true');
export const False = reserved('false');

export const Model = contextual('model');
export const Predict = contextual('predict');
export const As = contextual('as');
export const Columns = contextual('columns', /columns?/);
export const Member = contextual('member');
export const Whole = contextual('whole');
export const Chars = contextual('chars', /chars?/);
export const Bytes = contextual('bytes', /bytes?/);
export const Of = contextual('of');
export const Checkpoint = contextual('checkpoint');
export const Every = contextual('every');
export const Steps = contextual('steps');
export const Sample = contextual('sample');
export const Reward = contextual('reward');
export const Gen = contextual('GEN');
export const Deadline = contextual('deadline');
export const Shards = contextual('shards');
export const Sync = contextual('sync');

export const Arrow = mark('Arrow', '->');
export const Range = mark('Range', '..');
export const Dot = mark('Dot', '.');
export const Comma = mark('Comma', ',');
export const Colon = mark('Colon', ':');
export const Equals = mark('Equals', '=');
export const Plus = mark('Plus', '+');
export const Minus = mark('Minus', '-');
export const Star = mark('Star', '*');
export const Slash = mark('Slash', '/');
export const LeftRound = mark('LeftRound', '(');
export const RightRound = mark('RightRound', ')');
export const LeftSquare = mark('LeftSquare', '[');
export const RightSquare = mark('RightSquare', ']');
export const LeftCurly = mark('LeftCurly', '{');
export const RightCurly = mark('RightCurly', '}');

/** A number with what is glued to it (`20%`, `2h`, `1e-3`); the unit is checked by the parser. */
export const NumberToken = createToken({
  name: 'Number',
  // Two dots after digits are a range, so a fraction needs a digit behind its dot.
  pattern: /(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?:%|[A-Za-z_]\w*)?/,
  label: 'a number',
});
export const StringToken = createToken({
  name: 'String',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/,
  label: 'a string',
});
/** A string without its end stops at the next bracket or comma, so that what follows is still read. */
export const OpenString = createToken({
  name: 'OpenString',
  pattern: /"(?:[^"\\\r\n{}()[\],]|\\[^\r\n])*\\?/,
  label: 'a string',
});
export const Separator = createToken({
  name: 'Separator',
  pattern: /;|\r\n|\n|\r/,
  line_breaks: true,
  label: 'a new line',
});
export const Space = createToken({ name: 'Space', pattern: /[ \t\f\v\u00a0\ufeff]+/, group: Lexer.SKIPPED });
export const Comment = createToken({ name: 'Comment', pattern: /\/\/[^\r\n]*/, group: 'comments' });

const words = [
  Import, Param, Let, Fn, Data, From, Train, Verify, Market, Repeat, True, False, Model, Predict, As, Columns, Member, Whole, Chars,
  Bytes, Of, Checkpoint, Every, Steps, Sample, Reward, Gen, Deadline, Shards, Sync,
]; // prettier-ignore

/** The words that begin a declaration; after a slip the parser goes on at the next of them. */
export const declarationWords = [
  'import',
  'param',
  'let',
  'fn',
  'model',
  'data',
  'train',
  'predict',
  'verify',
  'market',
] as const;

/** Where the parser picks up again after an error between declarations, and inside the braces of one. */
export const recoveryPointsOutside: TokenType[] = [
  Separator,
  Import,
  Param,
  Fn,
  Data,
  Train,
  Verify,
  Market,
  EOF,
];
export const recoveryPoints: TokenType[] = [RightCurly, ...recoveryPointsOutside];

export const reservedWords: ReadonlySet<TokenType> = new Set(words.slice(0, 12));

export const vocabulary: TokenType[] = [
  Space, Separator, Comment, NumberToken, StringToken, OpenString, ...words, Identifier, Arrow, Range, Dot, Comma, Colon,
  Equals, Plus, Minus, Star, Slash, LeftRound, RightRound, LeftSquare, RightSquare, LeftCurly, RightCurly,
]; // prettier-ignore

export const lexer = new Lexer(vocabulary, { positionTracking: 'onlyOffset', ensureOptimizations: false });
