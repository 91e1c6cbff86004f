/** The numbered rules of a canonical graph; every violation names one. */
import { GensynError, type Span } from '../error.js';

export interface Rule {
  readonly code: string;
  readonly title: string;
  /** Why the rule is there and what to do, for `gensyn explain` and docs. */
  readonly text: string;
}

export const RULES = {
  operator: {
    code: 'G0101',
    title: 'Only operators of the instruction set',
    text: 'Each operator of a canonical graph has one definition whose bits are the same on every device. Transcendental functions (Exp, Tanh, Erf, Log, Softmax), float sums (ReduceSum, ReduceMean) and fused kernels are approximated or ordered differently by each device. Compile the job with gensyn, which lowers them to exact operators.',
  },
  dtype: {
    code: 'G0102',
    title: 'Only f32, i32 and bool',
    text: 'Tensors inside a canonical graph are f32, i32 or bool. 64-bit integers appear only as constant shapes and axes.',
  },
  staticShape: {
    code: 'G0103',
    title: 'Static shapes',
    text: 'Every dimension is a number known before the run: the cost of the job, and the depth of every Merkle tree, follow from it. A tensor has at most 8 of them, as many as a check on chain reads.',
  },
  constraint: {
    code: 'G0104',
    title: 'Operands fit the operator',
    text: 'Number, types, shapes and attributes of the operands are as the operator defines them. Concat takes at most 32, as many as a check on chain reads.',
  },
  dotOperand: {
    code: 'G0105',
    title: 'Products of digits only',
    text: 'A matrix product adds in an order that each device chooses, so its operands must be digits: multiples of a power of two q, at most 256 q in magnitude. A product of arbitrary floats is not canonical.',
  },
  dotBound: {
    code: 'G0106',
    title: 'Exact products stay within 2^24',
    text: 'K * max|a| * max|b| may not pass 2^24 units in the last place of the digits, so every partial sum is exact in binary32 and any order gives the same bits. Cut longer sums into blocks.',
  },
  underflow: {
    code: 'G0107',
    title: 'No subnormals',
    text: 'Devices disagree on numbers below 2^-126 (some flush them to zero), so no operator may be able to produce one. Flush the operand with (x + c) - c, or bound it away from zero.',
  },
  finite: {
    code: 'G0108',
    title: 'Every value is finite',
    text: 'No operator may be able to overflow, divide by zero or take the root of a negative number, for any state within its declared range. Clamp the operand.',
  },
  zeroSign: {
    code: 'G0109',
    title: 'Zero has one sign where it matters',
    text: 'The maximum of -0 and +0 is either, depending on the device, and so is the sign of a zero that Where or a matrix product returns. Operands of Min, Max and ReduceMax may not hold both zeros, those of Where no -0, and a MatMul is followed by + 0: normalise with x + 0 or Abs first.',
  },
  indexBound: {
    code: 'G0110',
    title: 'Indices are in range',
    text: 'The index operand of Gather is proved to lie within the gathered axis.',
  },
  exactCast: {
    code: 'G0111',
    title: 'Casts are exact',
    text: 'A cast between f32 and i32 is allowed only for integers within 2^24, where it cannot round.',
  },
  wrap: {
    code: 'G0112',
    title: 'Integers do not wrap',
    text: '32-bit integer arithmetic is proved to stay within 32 bits.',
  },
  invariant: {
    code: 'G0113',
    title: 'The next state keeps the declared range',
    text: 'What is proved of one step holds for the next only if the state stays in its declared range. The initial values must lie in it; the next value must lie on the declared grid, and within the declared bounds or be watched by the health output, at which the run stops.',
  },
  structure: {
    code: 'G0114',
    title: 'A well-formed graph',
    text: 'Nodes come after what they use, names are unique, every state input has one state output of the same type, and every output exists.',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** Thrown when a graph, or a node about to be added to one, breaks a rule. */
export class RuleError extends GensynError {
  readonly rule: RuleName;
  /** Name of the offending node, once known. */
  readonly node: string | undefined;

  constructor(
    rule: RuleName,
    message: string,
    at: { node?: string | undefined; span?: Span | undefined } = {},
  ) {
    super(RULES[rule].code, message, { ...(at.span ? { span: at.span } : {}), help: RULES[rule].text });
    this.rule = rule;
    this.node = at.node;
  }
}

export function breaks(rule: RuleName, message: string): never {
  throw new RuleError(rule, message);
}
