/** The grammar of functions and models: parameters, bodies and their statements. */
import type * as ast from './ast.js';
import { ExpressionGrammar } from './expression-grammar.js';
import { NOWHERE } from './recovering-parser.js';
import type { Rule } from './recovering-parser.js';
import * as t from './tokens.js';

export class FunctionGrammar extends ExpressionGrammar {
  protected readonly letStatement: Rule<ast.Let> = this.RULE('let', () => {
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

  protected readonly fn: Rule<ast.FunctionNode> = this.RULE('fn', () => {
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

  protected readonly network: Rule<ast.NetworkImport> = this.RULE('network', () => {
    const first = this.CONSUME(t.Model);
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.NetworkImport>(() => ({
      kind: 'network',
      name: this.identifier(name),
      value,
      span: this.from(first),
    }));
  });

  protected readonly parameter: Rule<ast.ParameterNode> = this.RULE(
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

  protected readonly block: Rule<ast.Block> = this.RULE(
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

  protected readonly statement: Rule<ast.Statement | undefined> = this.RULE(
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

  protected readonly rebind: Rule<ast.Rebind> = this.RULE('rebind', () => {
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

  protected readonly result: Rule<ast.Result> = this.RULE('result', () => {
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

  protected readonly repeat: Rule<ast.Repeat> = this.RULE('repeat', () => {
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
}
