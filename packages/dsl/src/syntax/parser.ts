/** The grammar of GML: one method a rule, each returning its syntax tree. */
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import type { Span } from '@gensyn/ir';
import type * as ast from './ast.js';
import { chevrotain } from './chevrotain.js';
import { readNumber, readString } from './literals.js';
import { join } from './source.js';
import type { Locator } from './source.js';
import { syntaxMessages } from './syntax-messages.js';
import * as t from './tokens.js';

type Rule<Result> = ParserMethod<[], Result>;
type Finding = (code: string, message: string, span: Span) => void;

const NOWHERE: Span = { file: '', offset: 0, length: 0, line: 1, column: 1 };
const SOURCES = "where the column comes from ('columns', 'member', 'chars', 'bytes', 'whole' or a file name)";
/** After so many errors the rest of the file is not looked at. */
const MAX_ERRORS = 50;
/** Methods of chevrotain's parser that its types do not show. */
const hidden = chevrotain.EmbeddedActionsParser.prototype as unknown as {
  flattenFollowSet(): TokenType[];
  shouldInRepetitionRecoveryBeTried(expected: TokenType, index: number, moved: boolean | undefined): boolean;
};
const missing = (span: Span): ast.Missing => ({ kind: 'missing', span });

export class GmlParser extends chevrotain.EmbeddedActionsParser {
  private locate: Locator | undefined;
  private finding: Finding = () => {};
  private end = 0;
  /** Tokens that begin a statement in the line of another one, of the last file parsed. */
  unseparated: IToken[] = [];
  /** Offsets of the tokens that stand inside braces; made when the first error asks for it. */
  private braces: Set<number> | undefined;

  constructor() {
    super(t.vocabulary, {
      recoveryEnabled: true,
      maxLookahead: 2,
      errorMessageProvider: syntaxMessages,
      skipValidations: true,
    });
    this.performSelfAnalysis();
  }

  /** Parses laid-out tokens of one file. Syntax errors are left in `errors`; slips inside tokens go to `finding`. */
  parse(tokens: IToken[], path: string, length: number, locate: Locator, finding: Finding): ast.FileNode {
    this.input = tokens;
    this.locate = locate;
    this.finding = finding;
    this.end = length;
    this.unseparated = [];
    this.braces = undefined;
    return { path, items: this.file() ?? [] };
  }

  spanOf(token: IToken): Span {
    if (this.locate === undefined) return NOWHERE;
    // Tokens made up by recovery and the end of the file have no place of their own.
    if (!Number.isFinite(token.startOffset)) return this.locate.span(this.end, 0);
    return this.locate.span(token.startOffset, token.image.length);
  }

  /** From a token to the last one read. */
  private from(first: IToken): Span {
    const start = this.spanOf(first);
    const last = this.LA(0);
    if (!Number.isFinite(last.startOffset) || last.startOffset < start.offset) return { ...start, length: 0 };
    return join(start, this.spanOf(last));
  }

  private node<Result>(build: () => Result): Result {
    return this.ACTION(build);
  }

  private identifier(token: IToken): ast.Identifier {
    return { name: token.image, span: this.spanOf(token) };
  }

  private text(token: IToken): ast.StringLiteral {
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

  private number(token: IToken): ast.NumberLiteral {
    const span = this.spanOf(token);
    const read = readNumber(token.image);
    if ('problem' in read) {
      if (token.isInsertedInRecovery !== true) this.finding('L0103', read.problem, span);
      return { kind: 'number', value: 0, unit: '', span };
    }
    return { kind: 'number', value: read.value, unit: read.unit, span };
  }

  /** Two things in a list of statements stand on lines of their own. */
  private expectSeparated(): void {
    const previous = this.LA(0).tokenType;
    if (previous !== t.Separator && previous !== t.LeftCurly && previous !== chevrotain.EOF) {
      this.unseparated.push(this.LA(1));
    }
  }

  // ---- declarations

  private readonly file: Rule<ast.Item[]> = this.RULE('file', () => {
    const items: ast.Item[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Separator) },
        {
          ALT: () => {
            this.node(() => this.expectSeparated());
            const item = this.SUBRULE(this.item);
            this.node(() => item !== undefined && items.push(item));
          },
        },
      ]);
    });
    return items;
  });

  private readonly item: Rule<ast.Item | undefined> = this.RULE(
    'item',
    () =>
      this.OR<ast.Item | undefined>([
        { ALT: () => this.SUBRULE(this.importItem) },
        { ALT: () => this.SUBRULE(this.param) },
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.fn) },
        { ALT: () => this.SUBRULE(this.data) },
        { ALT: () => this.SUBRULE(this.train) },
        { ALT: () => this.SUBRULE(this.verify) },
        { ALT: () => this.SUBRULE(this.market) },
      ]),
    { recoveryValueFunc: () => undefined },
  );

  private readonly importItem: Rule<ast.Import> = this.RULE('import', () => {
    const first = this.CONSUME(t.Import);
    const path = this.CONSUME(t.StringToken);
    return this.node<ast.Import>(() => ({ kind: 'import', path: this.text(path), span: this.from(first) }));
  });

  private readonly param: Rule<ast.Param> = this.RULE('param', () => {
    const first = this.CONSUME(t.Param);
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Param>(() => ({
      kind: 'param',
      name: this.identifier(name),
      value,
      span: this.from(first),
    }));
  });

  private readonly letStatement: Rule<ast.Let> = this.RULE('let', () => {
    const first = this.CONSUME(t.Let);
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Let>(() => ({
      kind: 'let',
      name: this.identifier(name),
      value,
      span: this.from(first),
    }));
  });

  private readonly fn: Rule<ast.FunctionNode> = this.RULE('fn', () => {
    const first = this.OR([{ ALT: () => this.CONSUME(t.Fn) }, { ALT: () => this.CONSUME(t.Model) }]);
    const name = this.CONSUME(t.Identifier);
    const parameters: ast.ParameterNode[] = [];
    this.CONSUME(t.LeftRound);
    this.OPTION(() => {
      parameters.push(this.SUBRULE(this.parameter));
      this.MANY({
        // A comma may stand behind the last one.
        GATE: () => this.LA(2).tokenType !== t.RightRound,
        DEF: () => {
          this.CONSUME1(t.Comma);
          parameters.push(this.SUBRULE1(this.parameter));
        },
      });
      this.OPTION1(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RightRound);
    const result = this.OPTION2(() => {
      this.CONSUME(t.Arrow);
      return this.SUBRULE(this.type);
    });
    const span = this.node(() => this.from(first));
    const body = this.SUBRULE(this.block);
    return this.node<ast.FunctionNode>(() => ({
      kind: first.tokenType === t.Model ? 'model' : 'fn',
      name: this.identifier(name),
      parameters,
      result,
      body,
      span,
    }));
  });

  private readonly parameter: Rule<ast.ParameterNode> = this.RULE(
    'parameter',
    () => {
      const name = this.CONSUME(t.Identifier);
      const type = this.OPTION(() => {
        this.CONSUME(t.Colon);
        return this.SUBRULE(this.type);
      });
      const value = this.OPTION1(() => {
        this.CONSUME(t.Equals);
        return this.SUBRULE(this.expression);
      });
      return this.node(() => ({ name: this.identifier(name), type, default: value }));
    },
    {
      recoveryValueFunc: () => ({ name: { name: '', span: NOWHERE }, type: undefined, default: undefined }),
    },
  );

  private readonly type: Rule<ast.TypeNode> = this.RULE(
    'type',
    () => {
      const name = this.CONSUME(t.Identifier);
      const groups: (readonly ast.Expression[])[] = [];
      this.MANY(() => {
        this.CONSUME(t.LeftSquare);
        const group = this.OPTION(() => this.SUBRULE(this.commaList));
        this.CONSUME(t.RightSquare);
        groups.push(group ?? []);
      });
      return this.node(() => ({ name: this.identifier(name), groups, span: this.from(name) }));
    },
    { recoveryValueFunc: () => ({ name: { name: '', span: NOWHERE }, groups: [], span: NOWHERE }) },
  );

  /** One or more expressions, trailing comma allowed. */
  private readonly commaList: Rule<ast.Expression[]> = this.RULE(
    'commaList',
    () => {
      const items = [this.SUBRULE(this.expression)];
      this.MANY({
        GATE: () => this.LA(2).tokenType !== t.RightSquare,
        DEF: () => {
          this.CONSUME(t.Comma);
          items.push(this.SUBRULE1(this.expression));
        },
      });
      this.OPTION(() => this.CONSUME1(t.Comma));
      return items;
    },
    { recoveryValueFunc: () => [] },
  );

  // ---- blocks

  private readonly block: Rule<ast.Block> = this.RULE(
    'block',
    () => {
      const first = this.CONSUME(t.LeftCurly);
      const statements: ast.Statement[] = [];
      this.MANY(() => {
        this.OR([
          { ALT: () => this.CONSUME(t.Separator) },
          {
            ALT: () => {
              this.node(() => this.expectSeparated());
              const statement = this.SUBRULE(this.statement);
              this.node(() => statement !== undefined && statements.push(statement));
            },
          },
        ]);
      });
      this.CONSUME(t.RightCurly);
      return this.node(() => ({ statements, span: this.from(first) }));
    },
    { recoveryValueFunc: () => ({ statements: [], span: NOWHERE }) },
  );

  private readonly statement: Rule<ast.Statement | undefined> = this.RULE(
    'statement',
    () =>
      this.OR<ast.Statement | undefined>({
        // With two tokens chevrotain would miss results that are a name alone.
        MAX_LOOKAHEAD: 1,
        DEF: [
          { ALT: () => this.SUBRULE(this.letStatement) },
          { ALT: () => this.SUBRULE(this.repeat) },
          { GATE: () => this.LA(2).tokenType === t.Equals, ALT: () => this.SUBRULE(this.rebind) },
          { ALT: () => this.SUBRULE(this.result) },
        ],
      }),
    { recoveryValueFunc: () => undefined },
  );

  private readonly rebind: Rule<ast.Rebind> = this.RULE('rebind', () => {
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Rebind>(() => ({
      kind: 'rebind',
      name: this.identifier(name),
      value,
      span: this.from(name),
    }));
  });

  private readonly result: Rule<ast.Result> = this.RULE('result', () => {
    const first = this.LA(1);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Result>(() => {
      const span = this.from(first);
      if (first.tokenType === t.Minus) {
        this.finding(
          'L0113',
          "a line that begins with '-' is neither clearly a result nor clearly the rest of the line above",
          span,
        );
      }
      return { kind: 'result', value, span };
    });
  });

  private readonly repeat: Rule<ast.Repeat> = this.RULE('repeat', () => {
    const first = this.CONSUME(t.Repeat);
    const count = this.SUBRULE(this.expression);
    const index = this.OPTION(() => {
      this.CONSUME(t.As);
      return this.CONSUME(t.Identifier);
    });
    const span = this.node(() => this.from(first));
    const body = this.SUBRULE(this.block);
    return this.node<ast.Repeat>(() => ({
      kind: 'repeat',
      count,
      index: index === undefined ? undefined : this.identifier(index),
      body,
      span,
    }));
  });

  // ---- data, train, verify, market

  private readonly data: Rule<ast.Data> = this.RULE('data', () => {
    const first = this.CONSUME(t.Data);
    const name = this.CONSUME(t.Identifier);
    const from = this.OPTION(() => {
      this.CONSUME(t.From);
      return this.SUBRULE(this.primary);
    });
    const entries: (ast.ColumnNode | ast.Setting)[] = [];
    const span = this.node(() => this.from(first));
    this.CONSUME(t.LeftCurly);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Separator) },
        {
          ALT: () => {
            this.node(() => this.expectSeparated());
            const entry = this.SUBRULE(this.dataEntry);
            this.node(() => entry !== undefined && entries.push(entry));
          },
        },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return this.node<ast.Data>(() => ({ kind: 'data', name: this.identifier(name), from, entries, span }));
  });

  private readonly dataEntry: Rule<ast.ColumnNode | ast.Setting | undefined> = this.RULE(
    'dataEntry',
    () =>
      this.OR<ast.ColumnNode | ast.Setting | undefined>([
        { ALT: () => this.SUBRULE(this.column) },
        { ALT: () => this.SUBRULE(this.setting) },
      ]),
    { recoveryValueFunc: () => undefined },
  );

  private readonly column: Rule<ast.ColumnNode> = this.RULE('column', () => {
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    const type = this.SUBRULE(this.type);
    this.CONSUME(t.Equals);
    const { source, steps } = this.SUBRULE(this.scaledSource);
    return this.node<ast.ColumnNode>(() => ({
      kind: 'column',
      name: this.identifier(name),
      type,
      source,
      steps,
      span: this.from(name),
    }));
  });

  /** `columns 0..63 / 16`, `(column 3 - 5.8) / 0.8` */
  private readonly scaledSource: Rule<Pick<ast.ColumnNode, 'source' | 'steps'>> = this.RULE(
    'scaledSource',
    () => {
      const inner = this.OR({
        DEF: [
          {
            ALT: () => {
              this.CONSUME(t.LeftRound);
              const nested = this.SUBRULE(this.scaledSource);
              this.CONSUME(t.RightRound);
              return nested;
            },
          },
          { ALT: () => ({ source: this.SUBRULE(this.source), steps: [] as ast.ColumnNode['steps'] }) },
        ],
        ERR_MSG: SOURCES,
      });
      const steps: { operator: ast.Operator; operand: ast.Expression }[] = [];
      this.MANY(() => {
        const operator = this.OR1([
          { ALT: () => this.CONSUME(t.Star) },
          { ALT: () => this.CONSUME(t.Slash) },
        ]);
        const operand = this.SUBRULE(this.unary);
        steps.push({ operator: operator.image as ast.Operator, operand });
      });
      this.MANY1(() => {
        const operator = this.OR2([
          { ALT: () => this.CONSUME(t.Plus) },
          { ALT: () => this.CONSUME(t.Minus) },
        ]);
        const operand = this.SUBRULE(this.product);
        steps.push({ operator: operator.image as ast.Operator, operand });
      });
      return this.node(() => ({ source: inner.source, steps: [...inner.steps, ...steps] }));
    },
    { recoveryValueFunc: () => ({ source: missing(NOWHERE), steps: [] }) },
  );

  private readonly source: Rule<ast.SourceNode> = this.RULE(
    'source',
    () =>
      this.OR<ast.SourceNode>({
        DEF: [
          { ALT: () => this.SUBRULE(this.columnsSource) },
          { ALT: () => this.SUBRULE(this.memberSource) },
          { ALT: () => this.SUBRULE(this.textSource) },
          { ALT: () => this.SUBRULE(this.wholeSource) },
        ],
        ERR_MSG: SOURCES,
      }),
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private readonly columnsSource: Rule<ast.SourceNode> = this.RULE('columnsSource', () => {
    const first = this.CONSUME(t.Columns);
    const names: IToken[] = [];
    const bounds = this.OR([
      {
        ALT: () => {
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => names.push(this.CONSUME(t.StringToken)) });
          return undefined;
        },
      },
      { ALT: () => this.SUBRULE(this.bounds) },
    ]);
    const path = this.SUBRULE(this.ownFile);
    return this.node<ast.SourceNode>(() => {
      const span = this.from(first);
      if (bounds === undefined)
        return { kind: 'named', names: names.map((each) => this.text(each)), path, span };
      return { kind: 'columns', ...bounds, path, span };
    });
  });

  private readonly memberSource: Rule<ast.SourceNode> = this.RULE('memberSource', () => {
    const first = this.CONSUME(t.Member);
    const name = this.CONSUME(t.StringToken);
    const path = this.SUBRULE(this.ownFile);
    return this.node<ast.SourceNode>(() => ({
      kind: 'member',
      name: this.text(name),
      path,
      span: this.from(first),
    }));
  });

  private readonly textSource: Rule<ast.SourceNode> = this.RULE('textSource', () => {
    const level = this.OR([{ ALT: () => this.CONSUME(t.Chars) }, { ALT: () => this.CONSUME(t.Bytes) }]);
    const bounds = this.SUBRULE(this.bounds);
    this.CONSUME(t.Of);
    const unit = this.CONSUME(t.Identifier);
    const path = this.SUBRULE(this.ownFile);
    return this.node<ast.SourceNode>(() => ({
      kind: 'text',
      level: level.tokenType === t.Chars ? 'char' : 'byte',
      unit: this.identifier(unit),
      ...bounds,
      path,
      span: this.from(level),
    }));
  });

  private readonly wholeSource: Rule<ast.SourceNode> = this.RULE('wholeSource', () =>
    this.OR<ast.SourceNode>([
      {
        ALT: () => {
          const first = this.CONSUME(t.Whole);
          const path = this.SUBRULE(this.ownFile);
          return this.node<ast.SourceNode>(() => ({ kind: 'whole', path, span: this.from(first) }));
        },
      },
      {
        ALT: () => {
          const file = this.CONSUME(t.StringToken);
          return this.node<ast.SourceNode>(() => ({
            kind: 'whole',
            path: this.text(file),
            span: this.spanOf(file),
          }));
        },
      },
    ]),
  );

  private readonly ownFile: Rule<ast.Expression | undefined> = this.RULE('ownFile', () =>
    this.OPTION(() => {
      this.CONSUME(t.From);
      return this.SUBRULE(this.primary);
    }),
  );

  private readonly bounds: Rule<{ first: ast.Expression; last: ast.Expression | undefined }> = this.RULE(
    'bounds',
    () => {
      const first = this.SUBRULE(this.unary);
      const last = this.OPTION(() => {
        this.CONSUME(t.Range);
        return this.SUBRULE1(this.unary);
      });
      return this.node(() => ({ first, last }));
    },
    { recoveryValueFunc: () => ({ first: missing(NOWHERE), last: undefined }) },
  );

  private readonly setting: Rule<ast.Setting> = this.RULE('setting', () => {
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Setting>(() => ({
      kind: 'setting',
      name: this.identifier(name),
      value,
      span: this.from(name),
    }));
  });

  private readonly train: Rule<ast.Train> = this.RULE('train', () => {
    const first = this.CONSUME(t.Train);
    const settings: ast.Setting[] = [];
    this.CONSUME(t.LeftCurly);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Separator) },
        {
          ALT: () => {
            this.node(() => this.expectSeparated());
            const setting = this.SUBRULE(this.setting);
            this.node(() => setting !== undefined && settings.push(setting));
          },
        },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return this.node<ast.Train>(() => ({ kind: 'train', settings, span: this.spanOf(first) }));
  });

  private readonly verify: Rule<ast.Terms> = this.RULE('verify', () => {
    const first = this.CONSUME(t.Verify);
    const clauses: ast.Clause[] = [];
    this.CONSUME(t.LeftCurly);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Separator) },
        { ALT: () => clauses.push(this.SUBRULE(this.checkpointClause)) },
        { ALT: () => clauses.push(this.SUBRULE(this.sampleClause)) },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return this.node<ast.Terms>(() => ({ kind: 'verify', clauses, span: this.spanOf(first) }));
  });

  private clause(name: IToken, value: ast.Expression, last?: ast.Expression): ast.Clause {
    return { name: this.identifier(name), value, last, span: this.from(name) };
  }

  private readonly checkpointClause: Rule<ast.Clause> = this.RULE('checkpointClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Checkpoint);
    this.CONSUME(t.Every);
    const value = this.SUBRULE(this.expression);
    this.CONSUME(t.Steps);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });

  private readonly sampleClause: Rule<ast.Clause> = this.RULE('sampleClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Sample);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });

  private readonly market: Rule<ast.Terms> = this.RULE('market', () => {
    const first = this.CONSUME(t.Market);
    const clauses: ast.Clause[] = [];
    this.CONSUME(t.LeftCurly);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Separator) },
        { ALT: () => clauses.push(this.SUBRULE(this.rewardClause)) },
        { ALT: () => clauses.push(this.SUBRULE(this.deadlineClause)) },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return this.node<ast.Terms>(() => ({ kind: 'market', clauses, span: this.spanOf(first) }));
  });

  private readonly rewardClause: Rule<ast.Clause> = this.RULE('rewardClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Reward);
    const { first, last } = this.SUBRULE(this.bounds);
    this.CONSUME(t.Gen);
    return this.node<ast.Clause>(() => this.clause(name, first, last));
  });

  private readonly deadlineClause: Rule<ast.Clause> = this.RULE('deadlineClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Deadline);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });

  // ---- expressions

  private chain(
    first: ast.Expression,
    rest: readonly { operator: IToken; operand: ast.Expression }[],
  ): ast.Expression {
    if (rest.length === 0) return first;
    return {
      kind: 'chain',
      first,
      rest: rest.map(({ operator, operand }) => ({
        operator: operator.image as ast.Operator,
        operand,
        at: this.spanOf(operator),
      })),
      span: join(first.span, rest.at(-1)!.operand.span),
    };
  }

  private readonly expression: Rule<ast.Expression> = this.RULE(
    'expression',
    () => {
      const first = this.SUBRULE(this.product);
      const rest: { operator: IToken; operand: ast.Expression }[] = [];
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
        rest.push({ operator, operand: this.SUBRULE1(this.product) });
      });
      return this.node<ast.Expression>(() => this.chain(first, rest));
    },
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private readonly product: Rule<ast.Expression> = this.RULE(
    'product',
    () => {
      const first = this.SUBRULE(this.unary);
      const rest: { operator: IToken; operand: ast.Expression }[] = [];
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(t.Star) }, { ALT: () => this.CONSUME(t.Slash) }]);
        rest.push({ operator, operand: this.SUBRULE1(this.unary) });
      });
      return this.node<ast.Expression>(() => this.chain(first, rest));
    },
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private readonly unary: Rule<ast.Expression> = this.RULE(
    'unary',
    () =>
      this.OR<ast.Expression>({
        DEF: [
          {
            ALT: () => {
              const sign = this.CONSUME(t.Minus);
              const operand = this.SUBRULE(this.unary);
              return this.node<ast.Expression>(() => ({ kind: 'negation', operand, span: this.from(sign) }));
            },
          },
          { ALT: () => this.SUBRULE(this.primary) },
        ],
        ERR_MSG: 'an expression',
      }),
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private readonly primary: Rule<ast.Expression> = this.RULE(
    'primary',
    () =>
      this.OR<ast.Expression>({
        DEF: [
          {
            ALT: () => {
              const token = this.CONSUME(t.NumberToken);
              return this.node<ast.Expression>(() => this.number(token));
            },
          },
          {
            ALT: () => {
              const token = this.CONSUME(t.StringToken);
              return this.node<ast.Expression>(() => this.text(token));
            },
          },
          { ALT: () => this.boolean(this.CONSUME(t.True)) },
          { ALT: () => this.boolean(this.CONSUME(t.False)) },
          { ALT: () => this.SUBRULE(this.named) },
          { ALT: () => this.SUBRULE(this.list) },
          {
            ALT: () => {
              this.CONSUME(t.LeftRound);
              const inner = this.SUBRULE(this.expression);
              this.CONSUME(t.RightRound);
              return inner;
            },
          },
        ],
        ERR_MSG: 'an expression',
      }),
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private boolean(token: IToken): ast.BooleanLiteral {
    return this.node<ast.BooleanLiteral>(() => ({
      kind: 'boolean',
      value: token.tokenType === t.True,
      span: this.spanOf(token),
    }));
  }

  /** A name alone, a column of a data set, or a call. */
  private readonly named: Rule<ast.Expression> = this.RULE(
    'named',
    () => {
      const first = this.CONSUME(t.Identifier);
      return this.OR<ast.Expression>([
        {
          ALT: () => {
            this.CONSUME(t.Dot);
            const property = this.CONSUME1(t.Identifier);
            return this.node<ast.Expression>(() => ({
              kind: 'member',
              object: this.identifier(first),
              property: this.identifier(property),
              span: this.from(first),
            }));
          },
        },
        {
          ALT: () => {
            const args = this.SUBRULE(this.callArguments);
            return this.node<ast.Expression>(() => ({
              kind: 'call',
              callee: this.identifier(first),
              args,
              span: this.from(first),
            }));
          },
        },
        {
          ALT: () =>
            this.node<ast.Expression>(() => ({
              kind: 'reference',
              name: first.image,
              span: this.spanOf(first),
            })),
        },
      ]);
    },
    { recoveryValueFunc: () => missing(NOWHERE) },
  );

  private readonly callArguments: Rule<ast.Argument[]> = this.RULE(
    'callArguments',
    () => {
      const args: ast.Argument[] = [];
      this.CONSUME(t.LeftRound);
      this.OPTION(() => {
        args.push(this.SUBRULE(this.argument));
        this.MANY({
          GATE: () => this.LA(2).tokenType !== t.RightRound,
          DEF: () => {
            this.CONSUME1(t.Comma);
            args.push(this.SUBRULE1(this.argument));
          },
        });
        this.OPTION1(() => this.CONSUME2(t.Comma));
      });
      this.CONSUME(t.RightRound);
      return args;
    },
    { recoveryValueFunc: () => [] },
  );

  private readonly argument: Rule<ast.Argument> = this.RULE(
    'argument',
    () => {
      const name = this.OPTION(() => {
        const token = this.CONSUME(t.Identifier);
        this.CONSUME(t.Equals);
        return token;
      });
      const value = this.SUBRULE(this.expression);
      return this.node(() => ({ name: name === undefined ? undefined : this.identifier(name), value }));
    },
    { recoveryValueFunc: () => ({ name: undefined, value: missing(NOWHERE) }) },
  );

  private readonly list: Rule<ast.List> = this.RULE('list', () => {
    const first = this.CONSUME(t.LeftSquare);
    const items = this.OPTION(() => this.SUBRULE(this.commaList));
    this.CONSUME(t.RightSquare);
    return this.node<ast.List>(() => ({ kind: 'list', items: items ?? [], span: this.from(first) }));
  });

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

  private insideBraces(token: IToken): boolean {
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
