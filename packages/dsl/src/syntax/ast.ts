/** The syntax tree of a GML file: what was written, with its place, before any name has a meaning. */
import type { Span } from '@gensyn/ir';

export interface Identifier {
  readonly name: string;
  readonly span: Span;
}

/** `''` a plain number, `%` a percentage (value already divided by 100), a time unit (value already in seconds). */
export type Unit = '' | '%' | 's' | 'm' | 'h' | 'd';

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  readonly unit: Unit;
  readonly span: Span;
}
export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}
export interface BooleanLiteral {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly span: Span;
}
export interface Reference {
  readonly kind: 'reference';
  readonly name: string;
  readonly span: Span;
}
/** `digits.pixels` */
export interface Member {
  readonly kind: 'member';
  readonly object: Identifier;
  readonly property: Identifier;
  readonly span: Span;
}
export interface Argument {
  readonly name: Identifier | undefined;
  readonly value: Expression;
}
export interface Call {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly args: readonly Argument[];
  readonly span: Span;
}
export interface Negation {
  readonly kind: 'negation';
  readonly operand: Expression;
  readonly span: Span;
}
export type Operator = '+' | '-' | '*' | '/';
/** Operators of one precedence, left to right; flat, so that a long sum is not a deep tree. */
export interface Chain {
  readonly kind: 'chain';
  readonly first: Expression;
  readonly rest: readonly { readonly operator: Operator; readonly operand: Expression; readonly at: Span }[];
  readonly span: Span;
}
export interface List {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}
/** Stands where the parser had to give up; always comes with a diagnostic. */
export interface Missing {
  readonly kind: 'missing';
  readonly span: Span;
}
export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | Reference
  | Member
  | Call
  | Negation
  | Chain
  | List
  | Missing;

/** `f32[n, 64]`, `class[28][8]`, `int`: a name and its bracket groups. */
export interface TypeNode {
  readonly name: Identifier;
  readonly groups: readonly (readonly Expression[])[];
  readonly span: Span;
}

export interface ParameterNode {
  readonly name: Identifier;
  readonly type: TypeNode | undefined;
  readonly default: Expression | undefined;
}

export interface Let {
  readonly kind: 'let';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
/** `h = block(h)` inside repeat */
export interface Rebind {
  readonly kind: 'rebind';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
export interface Repeat {
  readonly kind: 'repeat';
  readonly count: Expression;
  readonly index: Identifier | undefined;
  readonly body: Block;
  readonly span: Span;
}
export interface Result {
  readonly kind: 'result';
  readonly value: Expression;
  readonly span: Span;
}
export type Statement = Let | Rebind | Repeat | Result;
export interface Block {
  readonly statements: readonly Statement[];
  readonly span: Span;
}

export interface Import {
  readonly kind: 'import';
  readonly path: StringLiteral;
  readonly span: Span;
}
export interface Param {
  readonly kind: 'param';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
/** `fn` and `model` differ in how often their weights exist: per call, or once. */
export interface FunctionNode {
  readonly kind: 'fn' | 'model';
  readonly name: Identifier;
  readonly parameters: readonly ParameterNode[];
  readonly result: TypeNode | undefined;
  readonly body: Block;
  readonly span: Span;
}

/** `model m = onnx("file.onnx")` */
export interface NetworkImport {
  readonly kind: 'network';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** Where a column comes from. Bounds are constant expressions; `path` a file of its own. */
export type SourceNode =
  | {
      readonly kind: 'columns';
      readonly first: Expression;
      readonly last: Expression | undefined;
      readonly path: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'named';
      readonly names: readonly StringLiteral[];
      readonly path: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'member';
      readonly name: StringLiteral;
      readonly path: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'whole'; readonly path: Expression | undefined; readonly span: Span }
  | {
      readonly kind: 'text';
      readonly level: 'char' | 'byte';
      readonly unit: Identifier;
      readonly first: Expression;
      readonly last: Expression | undefined;
      readonly path: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'missing'; readonly span: Span };

export interface ColumnNode {
  readonly kind: 'column';
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly source: SourceNode;
  /** Constant arithmetic applied to the source, innermost first. */
  readonly steps: readonly { readonly operator: Operator; readonly operand: Expression }[];
  readonly span: Span;
}
/** `key = value` in a data, train or predict block. */
export interface Setting {
  readonly kind: 'setting';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
export interface Data {
  readonly kind: 'data';
  readonly name: Identifier;
  readonly from: Expression | undefined;
  readonly entries: readonly (ColumnNode | Setting)[];
  readonly span: Span;
}
export interface Train {
  readonly kind: 'train' | 'predict';
  readonly settings: readonly Setting[];
  readonly span: Span;
}
/** `checkpoint every 50 steps`, `sample 10%`, `reward 10 .. 40 GEN`, `deadline 2h`; `last` only for a range. */
export interface Clause {
  readonly name: Identifier;
  readonly value: Expression;
  readonly last: Expression | undefined;
  readonly span: Span;
}
export interface Terms {
  readonly kind: 'verify' | 'market';
  readonly clauses: readonly Clause[];
  readonly span: Span;
}
/** `shards 4 sync every 20` */
export interface Shards {
  readonly kind: 'shards';
  readonly count: Expression;
  readonly sync: Expression;
  readonly span: Span;
}
export type Item = Import | Param | Let | FunctionNode | NetworkImport | Data | Train | Shards | Terms;

export interface FileNode {
  readonly path: string;
  readonly items: readonly Item[];
}
