/** The grammar of data blocks: columns, their types and where they come from. */
import type { IToken } from 'chevrotain';
import type * as ast from './ast.js';
import { FunctionGrammar } from './function-grammar.js';
import { missing, NOWHERE } from './recovering-parser.js';
import type { Rule } from './recovering-parser.js';
import * as t from './tokens.js';

const SOURCES = "where the column comes from ('columns', 'member', 'chars', 'bytes', 'whole' or a file name)";

export class DataGrammar extends FunctionGrammar {
  protected readonly data: Rule<ast.Data> = this.RULE('data', () => {
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

  protected readonly dataEntry: Rule<ast.ColumnNode | ast.Setting | undefined> = this.RULE(
    'dataEntry',
    () =>
      this.OR<ast.ColumnNode | ast.Setting | undefined>([
        { ALT: () => this.SUBRULE(this.column) },
        { ALT: () => this.SUBRULE(this.setting) },
      ]),
    { recoveryValueFunc: () => undefined },
  );

  protected readonly column: Rule<ast.ColumnNode> = this.RULE('column', () => {
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
  protected readonly scaledSource: Rule<Pick<ast.ColumnNode, 'source' | 'steps'>> = this.RULE(
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

  protected readonly source: Rule<ast.SourceNode> = this.RULE(
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

  protected readonly columnsSource: Rule<ast.SourceNode> = this.RULE('columnsSource', () => {
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

  protected readonly memberSource: Rule<ast.SourceNode> = this.RULE('memberSource', () => {
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

  protected readonly textSource: Rule<ast.SourceNode> = this.RULE('textSource', () => {
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

  protected readonly wholeSource: Rule<ast.SourceNode> = this.RULE('wholeSource', () =>
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

  protected readonly ownFile: Rule<ast.Expression | undefined> = this.RULE('ownFile', () =>
    this.OPTION(() => {
      this.CONSUME(t.From);
      return this.SUBRULE(this.primary);
    }),
  );

  protected readonly bounds: Rule<{ first: ast.Expression; last: ast.Expression | undefined }> = this.RULE(
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
}
