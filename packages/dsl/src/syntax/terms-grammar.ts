/** The grammar of the train, predict, verify and market blocks. */
import type { IToken } from 'chevrotain';
import type * as ast from './ast.js';
import { DataGrammar } from './data-grammar.js';
import type { Rule } from './recovering-parser.js';
import * as t from './tokens.js';

export class TermsGrammar extends DataGrammar {
  protected readonly train: Rule<ast.Train> = this.RULE('train', () => {
    const first = this.CONSUME(t.Train);
    const settings = this.SUBRULE(this.settings);
    return this.node<ast.Train>(() => ({ kind: 'train', settings, span: this.spanOf(first) }));
  });

  protected readonly predict: Rule<ast.Train> = this.RULE('predict', () => {
    const first = this.CONSUME(t.Predict);
    const settings = this.SUBRULE(this.settings);
    return this.node<ast.Train>(() => ({ kind: 'predict', settings, span: this.spanOf(first) }));
  });

  protected readonly settings: Rule<ast.Setting[]> = this.RULE(
    'settings',
    () => {
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
      return settings;
    },
    { recoveryValueFunc: () => [] },
  );

  protected readonly shards: Rule<ast.Shards> = this.RULE('shards', () => {
    const first = this.CONSUME(t.Shards);
    const count = this.SUBRULE(this.expression);
    this.CONSUME(t.Sync);
    this.CONSUME(t.Every);
    const sync = this.SUBRULE2(this.expression);
    this.OPTION(() => this.CONSUME(t.Steps));
    return this.node<ast.Shards>(() => ({ kind: 'shards', count, sync, span: this.from(first) }));
  });

  protected readonly verify: Rule<ast.Terms> = this.RULE('verify', () => {
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

  protected clause(name: IToken, value: ast.Expression, last?: ast.Expression): ast.Clause {
    return { name: this.identifier(name), value, last, span: this.from(name) };
  }

  protected readonly checkpointClause: Rule<ast.Clause> = this.RULE('checkpointClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Checkpoint);
    this.CONSUME(t.Every);
    const value = this.SUBRULE(this.expression);
    this.CONSUME(t.Steps);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });

  protected readonly sampleClause: Rule<ast.Clause> = this.RULE('sampleClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Sample);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });

  protected readonly market: Rule<ast.Terms> = this.RULE('market', () => {
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

  protected readonly rewardClause: Rule<ast.Clause> = this.RULE('rewardClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Reward);
    const { first, last } = this.SUBRULE(this.bounds);
    this.CONSUME(t.Gen);
    return this.node<ast.Clause>(() => this.clause(name, first, last));
  });

  protected readonly deadlineClause: Rule<ast.Clause> = this.RULE('deadlineClause', () => {
    this.node(() => this.expectSeparated());
    const name = this.CONSUME(t.Deadline);
    const value = this.SUBRULE(this.expression);
    return this.node<ast.Clause>(() => this.clause(name, value));
  });
}
