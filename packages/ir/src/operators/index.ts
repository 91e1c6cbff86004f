/** The instruction set: every operator a canonical graph may contain. */
import { Abs } from './abs.js';
import { Add } from './add.js';
import { Cast } from './cast.js';
import { And, Equal, Less, LessOrEqual, Not, Or } from './compare.js';
import { Div } from './div.js';
import { Dot } from './dot.js';
import { Gather } from './gather.js';
import { Max } from './max.js';
import { Min } from './min.js';
import { Concat, Expand, Pad, Reshape, Slice, Transpose } from './move.js';
import { Mul } from './mul.js';
import { Neg } from './neg.js';
import type { Operator } from './operator.js';
import { ReduceMax } from './reduce-max.js';
import { Constant, Input } from './source.js';
import { Sqrt } from './sqrt.js';
import { Sub } from './sub.js';
import { Where } from './where.js';

const table = {
  Add,
  Sub,
  Mul,
  Div,
  Sqrt,
  Neg,
  Abs,
  Min,
  Max,
  Less,
  LessOrEqual,
  Equal,
  And,
  Or,
  Not,
  Where,
  Cast,
  Reshape,
  Transpose,
  Slice,
  Pad,
  Expand,
  Concat,
  Gather,
  Dot,
  ReduceMax,
  Input,
  Constant,
};

export type OperatorName = keyof typeof table;

export const OPERATORS: Readonly<Record<OperatorName, Operator>> = table;

export function isOperator(name: string): name is OperatorName {
  return Object.hasOwn(OPERATORS, name);
}
