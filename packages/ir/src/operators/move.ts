/** The move family: elements change place, never value. Each operator is its index maps and nothing else. */
import { breaks } from '../verify/rule.js';
import { range, union, type Range } from '../value/range.js';
import {
  allocate,
  elements,
  formatType,
  MAX_OPERANDS,
  stridesOf,
  type Shape,
  type TensorType,
} from '../value/type.js';
import { broadcastMap, broadcastShape } from './map.js';
import {
  f32,
  i32,
  type Attributes,
  type AttributeKind,
  type Case,
  type IndexMap,
  type Operator,
} from './operator.js';
import { walk } from './walk.js';

interface MoveDefinition {
  readonly name: string;
  readonly opcode: number;
  readonly summary: string;
  readonly arity?: number | 'variadic';
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  shape(inputs: readonly Shape[], attributes: Attributes): Shape;
  maps(inputs: readonly Shape[], attributes: Attributes, output: Shape): readonly IndexMap[];
  range?(inputs: readonly Range[]): Range;
  readonly cases: readonly Case[];
}

function move(definition: MoveDefinition): Operator {
  const { name } = definition;
  const arity = definition.arity ?? 1;
  return {
    ...definition,
    arity,
    family: 'move',
    exactness: 'Moves bits.',
    infer(inputs, attributes) {
      if (arity === 'variadic' ? inputs.length === 0 : inputs.length !== arity)
        breaks('constraint', `${name} got ${inputs.length} operands`);
      const [first] = inputs;
      if (!inputs.every((t) => t.dtype === first!.dtype))
        breaks('constraint', `${name} mixes ${inputs.map(formatType).join(', ')}`);
      return {
        dtype: first!.dtype,
        shape: definition.shape(
          inputs.map((t) => t.shape),
          attributes,
        ),
      };
    },
    range: (inputs) => (definition.range ? definition.range(inputs) : inputs.reduce(union)),
    space: (types, attributes, output) => ({
      fold: [],
      maps: definition.maps(
        types.map((t) => t.shape),
        attributes,
        output.shape,
      ),
    }),
    evaluate(inputs, attributes, output) {
      const out = allocate(output.dtype, elements(output.shape));
      const maps = definition.maps(
        inputs.map((t) => t.shape),
        attributes,
        output.shape,
      );
      walk(output.shape, maps, (i, at) => {
        for (let n = 0; n < inputs.length; n++) if (at[n]! >= 0) out[i] = inputs[n]!.data[at[n]!]!;
      });
      return out;
    },
  };
}

function integers(attributes: Attributes, key: string): readonly number[] {
  const value = attributes[key];
  if (!Array.isArray(value) || !value.every(Number.isInteger))
    breaks('constraint', `attribute '${key}' must be a list of integers`);
  return value as readonly number[];
}

export const Reshape = move({
  name: 'Reshape',
  opcode: 32,
  summary: 'The same elements in row-major order under another shape.',
  attributes: { shape: 'integers' },
  shape([input], attributes) {
    const shape = integers(attributes, 'shape');
    if (shape.some((dim) => dim < 1) || elements(shape) !== elements(input!)) {
      breaks(
        'constraint',
        `Reshape of [${input!.join(', ')}] to [${shape.join(', ')}] changes the number of elements`,
      );
    }
    return shape;
  },
  maps: (_inputs, _attributes, output) => [{ offset: 0, strides: stridesOf(output) }],
  cases: [{ name: 'flattens', inputs: [f32([2, 3], [1, 2, 3, 4, 5, 6])], attributes: { shape: [6] } }],
});

export const Transpose = move({
  name: 'Transpose',
  opcode: 33,
  summary: 'Axis d of the result is axis perm[d] of the operand.',
  attributes: { perm: 'integers' },
  shape([input], attributes) {
    const perm = integers(attributes, 'perm');
    const sorted = [...perm].sort((a, b) => a - b);
    if (perm.length !== input!.length || !sorted.every((axis, i) => axis === i)) {
      breaks('constraint', `Transpose: [${perm.join(', ')}] is no permutation of ${input!.length} axes`);
    }
    return perm.map((axis) => input![axis]!);
  },
  maps([input], attributes) {
    const own = stridesOf(input!);
    return [{ offset: 0, strides: integers(attributes, 'perm').map((axis) => own[axis]!) }];
  },
  cases: [
    { name: 'matrix', inputs: [f32([2, 3], [1, 2, 3, 4, 5, 6])], attributes: { perm: [1, 0] } },
    { name: 'batch of matrices', inputs: [i32([2, 1, 2], [1, 2, 3, 4])], attributes: { perm: [0, 2, 1] } },
  ],
});

export const Slice = move({
  name: 'Slice',
  opcode: 34,
  summary: 'Every steps[d]-th element of axis d from starts[d] up to, not including, ends[d].',
  attributes: { starts: 'integers', ends: 'integers', steps: 'integers' },
  shape([input], attributes) {
    const starts = integers(attributes, 'starts');
    const ends = integers(attributes, 'ends');
    const steps = integers(attributes, 'steps');
    const fits = [starts, ends, steps].every((list) => list.length === input!.length);
    if (
      input!.length === 0 ||
      !fits ||
      !input!.every((dim, d) => 0 <= starts[d]! && starts[d]! < ends[d]! && ends[d]! <= dim && steps[d]! >= 1)
    ) {
      breaks(
        'constraint',
        `Slice [${starts.join(', ')}] to [${ends.join(', ')}] does not lie in [${input!.join(', ')}]`,
      );
    }
    return starts.map((start, d) => Math.ceil((ends[d]! - start) / steps[d]!));
  },
  maps([input], attributes) {
    const own = stridesOf(input!);
    const starts = integers(attributes, 'starts');
    const steps = integers(attributes, 'steps');
    return [
      {
        offset: starts.reduce((sum, start, d) => sum + start * own[d]!, 0),
        strides: own.map((stride, d) => stride * steps[d]!),
      },
    ];
  },
  cases: [
    {
      name: 'columns',
      inputs: [f32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8])],
      attributes: { starts: [0, 1], ends: [2, 3], steps: [1, 1] },
    },
    {
      name: 'every second',
      inputs: [f32([5], [1, 2, 3, 4, 5])],
      attributes: { starts: [0], ends: [5], steps: [2] },
    },
  ],
});

export const Pad = move({
  name: 'Pad',
  opcode: 35,
  summary: 'Zeros before and after each axis.',
  attributes: { before: 'integers', after: 'integers' },
  shape([input], attributes) {
    const before = integers(attributes, 'before');
    const after = integers(attributes, 'after');
    if (
      input!.length === 0 ||
      before.length !== input!.length ||
      after.length !== input!.length ||
      [...before, ...after].some((n) => n < 0)
    ) {
      breaks('constraint', `Pad needs a non-negative amount for each of ${input!.length} axes`);
    }
    return input!.map((dim, d) => before[d]! + dim + after[d]!);
  },
  maps([input], attributes) {
    const own = stridesOf(input!);
    const before = integers(attributes, 'before');
    return [
      {
        offset: -before.reduce((sum, n, d) => sum + n * own[d]!, 0),
        strides: own,
        window: input!.map((dim, d) => [before[d]!, before[d]! + dim] as const),
      },
    ];
  },
  range: ([a]) => union(a!, range({ lo: 0, hi: 0 })),
  cases: [
    { name: 'surrounds', inputs: [f32([1, 2], [5, -6])], attributes: { before: [1, 0], after: [0, 1] } },
  ],
});

export const Expand = move({
  name: 'Expand',
  opcode: 36,
  summary: 'Repeats axes of length 1.',
  attributes: { shape: 'integers' },
  shape([input], attributes) {
    const shape = integers(attributes, 'shape');
    const out = broadcastShape([input!, shape]);
    if (!out || out.some((dim, d) => dim !== shape[d]))
      breaks('constraint', `Expand of [${input!.join(', ')}] to [${shape.join(', ')}]`);
    return shape;
  },
  maps: ([input], _attributes, output) => [broadcastMap(input!, output)],
  cases: [{ name: 'rows', inputs: [f32([1, 3], [1, 2, 3])], attributes: { shape: [2, 3] } }],
});

export const Concat = move({
  name: 'Concat',
  opcode: 37,
  arity: 'variadic',
  summary: 'Operands one after the other along an axis.',
  attributes: { axis: 'integer' },
  shape(inputs, attributes) {
    if (inputs.length > MAX_OPERANDS)
      breaks(
        'constraint',
        `Concat of ${inputs.length} operands, more than ${MAX_OPERANDS}: join parts first`,
      );
    const axis = attributes['axis'] as number;
    const [first] = inputs;
    const alike = inputs.every(
      (s) => s.length === first!.length && s.every((dim, d) => d === axis || dim === first![d]),
    );
    if (!(axis >= 0 && axis < first!.length) || !alike)
      breaks(
        'constraint',
        `Concat along axis ${axis} of ${inputs.map((s) => `[${s.join(', ')}]`).join(', ')}`,
      );
    return first!.map((dim, d) => (d === axis ? inputs.reduce((sum, s) => sum + s[d]!, 0) : dim));
  },
  maps(inputs, attributes, output) {
    const axis = attributes['axis'] as number;
    let start = 0;
    return inputs.map((shape) => {
      const own = stridesOf(shape);
      const from = start;
      start += shape[axis]!;
      return {
        offset: -from * own[axis]!,
        strides: own,
        window: output.map((dim, d) =>
          d === axis ? ([from, from + shape[axis]!] as const) : ([0, dim] as const),
        ),
      };
    });
  },
  cases: [
    { name: 'columns', inputs: [f32([2, 1], [1, 2]), f32([2, 2], [3, 4, 5, 6])], attributes: { axis: 1 } },
  ],
});

export type { TensorType };
