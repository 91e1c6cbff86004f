/** The grammar of expressions and types. */
import type { IToken } from 'chevrotain';
import type * as ast from './ast.js';
import { missing, NOWHERE, RecoveringParser } from './recovering-parser.js';
import type { Rule } from './recovering-parser.js';
import { join } from './source.js';
import * as t from './tokens.js';

export class ExpressionGrammar extends RecoveringParser {
  protected chain(
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

  protected readonly expression: Rule<ast.Expression> = this.RULE(
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

  protected readonly product: Rule<ast.Expression> = this.RULE(
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

  protected readonly unary: Rule<ast.Expression> = this.RULE(
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

  protected readonly primary: Rule<ast.Expression> = this.RULE(
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

  protected boolean(token: IToken): ast.BooleanLiteral {
    return this.node<ast.BooleanLiteral>(() => ({
      kind: 'boolean',
      value: token.tokenType === t.True,
      span: this.spanOf(token),
    }));
  }

  /** A name alone, a column of a data set, or a call. */
  protected readonly named: Rule<ast.Expression> = this.RULE(
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

  protected readonly callArguments: Rule<ast.Argument[]> = this.RULE(
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

  protected readonly argument: Rule<ast.Argument> = this.RULE(
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

  protected readonly list: Rule<ast.List> = this.RULE('list', () => {
    const first = this.CONSUME(t.LeftSquare);
    const items = this.OPTION(() => this.SUBRULE(this.commaList));
    this.CONSUME(t.RightSquare);
    return this.node<ast.List>(() => ({ kind: 'list', items: items ?? [], span: this.from(first) }));
  });

  protected readonly type: Rule<ast.TypeNode> = this.RULE(
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
  protected readonly commaList: Rule<ast.Expression[]> = this.RULE(
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

  protected readonly setting: Rule<ast.Setting> = this.RULE('setting', () => {
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
}
