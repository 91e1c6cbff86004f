/** ONNX's elementwise arithmetic. */
import * as t from '../../tensor/build.js';
import { maximum, minimum } from '../../tensor/selection.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constantOf, fold } from '../algebra.js';
import {
  floats,
  integer,
  operand,
  refuse,
  type Family,
  type ImportedOperator,
  type Operation,
} from '../operation.js';
import { traced, type Known, type Value } from '../value.js';

type Numbers = (a: number, b: number) => number;
type Tensors = (a: Tensor, b: Tensor) => Tensor;

const MANY = 4096;
/** Of opset 6: that shapes are broadcast, which they always are. A node that also names an axis is refused. */
const BROADCAST = ['broadcast'];

/** Integers divide towards zero, as in C; by zero there is no result. */
function quotient(a: number, b: number): number {
  return b === 0 ? NaN : a / b;
}

/** Whether the number is a power of two, by which f32 values are multiplied and divided exactly. */
function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) <= 60;
}

/** The one number that a constant holds, however often. */
export function uniformOf(value: Value): number | undefined {
  if (value.kind !== 'known' || value.type !== 'f32') return undefined;
  const [first] = value.data;
  return first !== undefined && value.data.every((x) => x === first) ? first : undefined;
}

export function divide(o: Operation, a: Value, b: Value): Tensor {
  const divisor = b.shape.length === 0 ? uniformOf(b) : undefined;
  if (divisor !== undefined && isPowerOfTwo(divisor)) return t.mul(floats(o, a), t.scalar(1 / divisor));
  if (b.kind === 'known' && b.data.some((x) => x === 0)) refuse('it divides by zero');
  return t.div(floats(o, a), floats(o, b));
}

/** Both constant: computed now, in the element type of the operands. */
export function both(o: Operation): [Known, Known] | undefined {
  const [a, b] = [operand(o, 0), operand(o, 1)];
  return a.kind === 'known' && b.kind === 'known' ? [a, b] : undefined;
}

function binary(numbers: Numbers, tensors: Tensors): ImportedOperator {
  return {
    operands: [2, 2],
    attributes: BROADCAST,
    build(o) {
      const constants = both(o);
      if (constants) return checked(fold(o.algebra, constants, constants[0].type, numbers));
      return traced(tensors(floats(o, operand(o, 0)), floats(o, operand(o, 1))));
    },
  };
}

function checked(value: Known): Known {
  if (value.type !== 'f32' && value.data.some(Number.isNaN)) refuse('it divides an integer by zero');
  return value;
}

function unary(numbers: (x: number) => number, tensors: (x: Tensor) => Tensor): ImportedOperator {
  return {
    operands: [1, 1],
    build(o) {
      const x = operand(o, 0);
      return x.kind === 'known' ? fold(o.algebra, [x], x.type, numbers) : traced(tensors(floats(o, x)));
    },
  };
}

/** Functions that are computed of constants alone. */
function constantUnary(numbers: (x: number) => number): ImportedOperator {
  return {
    operands: [1, 1],
    limits: 'constants only',
    build(o) {
      const x = operand(o, 0);
      if (x.kind !== 'known') refuse('it can be computed of constants only', 'it has no derivative of use');
      return fold(o.algebra, [x], x.type, numbers);
    },
  };
}

/** Any number of operands, two at a time from the left. */
function variadic(numbers: Numbers, tensors: Tensors): ImportedOperator {
  return {
    operands: [1, MANY],
    build(o) {
      const values = o.inputs.map((_, i) => operand(o, i));
      return values.reduce((a, b) =>
        a.kind === 'known' && b.kind === 'known'
          ? fold(o.algebra, [a, b], a.type, numbers)
          : traced(tensors(floats(o, a), floats(o, b))),
      );
    },
  };
}

/** The series of Abramowitz and Stegun 7.1.5: constants of erf are rare. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 300; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** x^c for a constant c: products, roots and quotients where they give it, else exp(c log x) for positive x. */
export function power(x: Tensor, c: number): Tensor {
  if (c === 0) return t.add(t.mul(x, t.scalar(0)), t.scalar(1));
  if (c < 0) return t.div(t.scalar(1), power(x, -c));
  if (c === 0.5) return t.unary('sqrt', x);
  const whole = Math.floor(c);
  if (whole <= 16 && (c === whole || c - whole === 0.5)) {
    let product: Tensor | undefined;
    let square = x;
    for (let rest = whole; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) product = product ? t.mul(product, square) : square;
      if (rest > 1) square = t.mul(square, square);
    }
    return c === whole ? product! : t.mul(product!, t.unary('sqrt', x));
  }
  return t.unary('exp', t.mul(t.unary('log', x), t.scalar(c)));
}

export const elementwise: Family = {
  Add: binary((a, b) => a + b, t.add),
  Sub: binary((a, b) => a - b, t.sub),
  Mul: binary((a, b) => a * b, t.mul),
  Div: {
    operands: [2, 2],
    attributes: BROADCAST,
    build(o) {
      const constants = both(o);
      if (!constants) return traced(divide(o, operand(o, 0), operand(o, 1)));
      const float = constants[0].type === 'f32';
      if (!float && constants[1].data.some((x) => x === 0)) refuse('it divides an integer by zero');
      return fold(o.algebra, constants, constants[0].type, float ? (a, b) => a / b : quotient);
    },
  },
  Mod: {
    operands: [2, 2],
    attributes: ['fmod'],
    limits: 'constants only',
    build(o) {
      const constants = both(o) ?? refuse('it can be computed of constants only');
      const c = integer(o, 'fmod', 0) === 1;
      if (constants[1].data.some((x) => x === 0)) refuse('it divides by zero');
      return fold(o.algebra, constants, constants[0].type, (a, b) => (c ? a % b : ((a % b) + b) % b));
    },
  },
  Pow: {
    operands: [2, 2],
    attributes: BROADCAST,
    limits: 'a base that is not constant must be positive unless the exponent is an integer',
    build(o) {
      const constants = both(o);
      if (constants) return fold(o.algebra, constants, constants[0].type, (a, b) => a ** b);
      const exponent = constantOf(o.algebra, operand(o, 1));
      const first = exponent?.data[0];
      const base = floats(o, operand(o, 0));
      if (exponent && first !== undefined && exponent.data.every((x) => x === first)) {
        const y = power(base, first);
        return traced(
          exponent.shape.length > base.shape.length ? t.add(y, t.expand(t.scalar(0), exponent.shape)) : y,
        );
      }
      const exponents = floats(o, operand(o, 1));
      return traced(t.unary('exp', t.mul(t.unary('log', base), exponents)));
    },
  },
  Neg: unary((x) => -x, t.neg),
  Abs: unary(Math.abs, (x) => t.unary('abs', x)),
  Sqrt: unary(Math.sqrt, (x) => t.unary('sqrt', x)),
  Exp: unary(Math.exp, (x) => t.unary('exp', x)),
  Log: unary(Math.log, (x) => t.unary('log', x)),
  Erf: unary(erf, (x) => t.unary('erf', x)),
  Tanh: unary(Math.tanh, (x) => t.unary('tanh', x)),
  Sigmoid: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    (x) => t.unary('sigmoid', x),
  ),
  Reciprocal: unary(
    (x) => 1 / x,
    (x) => t.div(t.scalar(1), x),
  ),
  Sign: unary(Math.sign, (x) => t.unary('sign', x)),
  Floor: constantUnary(Math.floor),
  Ceil: constantUnary(Math.ceil),
  Round: constantUnary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  Sin: constantUnary(Math.sin),
  Cos: constantUnary(Math.cos),
  Sum: variadic((a, b) => a + b, t.add),
  Max: variadic(Math.max, maximum),
  Min: variadic(Math.min, minimum),
  Mean: {
    operands: [1, MANY],
    build(o) {
      const values = o.inputs.map((_, i) => floats(o, operand(o, i)));
      return traced(t.mul(values.reduce(t.add), t.scalar(1 / values.length)));
    },
  },
};
