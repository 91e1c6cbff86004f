/** The grammar of a file. Rules are fields, one a rule, each returning its syntax tree; the parts build on one another. */
import type { IToken } from 'chevrotain';
import type * as ast from './ast.js';
import type { Finding, Rule } from './recovering-parser.js';
import type { Locator } from './source.js';
import { TermsGrammar } from './terms-grammar.js';
import * as t from './tokens.js';

export class GmlParser extends TermsGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** Parses laid-out tokens of one file. Syntax errors are left in `errors`; slips inside tokens go to `finding`. */
  parse(tokens: IToken[], path: string, length: number, locate: Locator, finding: Finding): ast.FileNode {
    this.begin(tokens, length, locate, finding);
    return { path, items: this.file() ?? [] };
  }

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
        {
          GATE: () => this.LA(1).tokenType === t.Model && this.LA(3).tokenType === t.Equals,
          IGNORE_AMBIGUITIES: true,
          ALT: () => this.SUBRULE(this.network),
        },
        { ALT: () => this.SUBRULE(this.fn) },
        { ALT: () => this.SUBRULE(this.data) },
        { ALT: () => this.SUBRULE(this.train) },
        { ALT: () => this.SUBRULE(this.predict) },
        { ALT: () => this.SUBRULE(this.shards) },
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
}
