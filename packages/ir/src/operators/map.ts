/** The map family: one scalar function applied to broadcast operands. */
import { breaks } from '../verify/rule.js';
import type { Range } from '../value/range.js';
import {
  allocate,
  elements,
  formatType,
  sameShape,
  stridesOf,
  type DType,
  type Shape,
  type TensorType,
} from '../value/type.js';
import type { AttributeKind, Attributes, Case, IndexMap, Operator, ScalarFunction } from './operator.js';
import { walk } from './walk.js';

export interface MapDefinition {
  readonly name: string;
  readonly opcode: number;
  readonly summary: string;
  readonly exactness: string;
  readonly arity: number;
  readonly attributes?: Readonly<Record<string, AttributeKind>>;
  /** Output element type of these operand types, or undefined when they do not fit. */
  dtype(inputs: readonly DType[], attributes: Attributes): DType | undefined;
  range(inputs: readonly Range[], dtypes: readonly DType[], attributes: Attributes): Range;
  /** The scalar function for operands of these types. Results must be of the output type exactly. */
  scalar(dtypes: readonly DType[], attributes: Attributes): ScalarFunction;
  readonly cases: readonly Case[];
}

/** Shape of operands broadcast against each other by the NumPy rule, or undefined. */
export function broadcastShape(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const to = rank - shape.length + axis;
      const dim = shape[axis]!;
      if (dim === 1 || dim === out[to]) continue;
      if (out[to] !== 1) return undefined;
      out[to] = dim;
    }
  }
  return out;
}

/** Index map of an operand of shape `from` read as if it had shape `to`: broadcast axes have stride 0. */
export function broadcastMap(from: Shape, to: Shape): IndexMap {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return {
    offset: 0,
    strides: to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!)),
  };
}

export function map(definition: MapDefinition): Operator {
  const { name } = definition;
  return {
    ...definition,
    family: 'map',
    attributes: definition.attributes ?? {},
    infer(inputs, attributes) {
      if (inputs.length !== definition.arity)
        breaks('constraint', `${name} takes ${definition.arity} operands, not ${inputs.length}`);
      const dtype = definition.dtype(
        inputs.map((t) => t.dtype),
        attributes,
      );
      if (!dtype) breaks('constraint', `${name} is not defined for ${inputs.map(formatType).join(', ')}`);
      const shape = broadcastShape(inputs.map((t) => t.shape));
      if (!shape) breaks('constraint', `${name} cannot broadcast ${inputs.map(formatType).join(' with ')}`);
      return { dtype, shape };
    },
    range: (ranges, types, attributes) =>
      definition.range(
        ranges,
        types.map((t) => t.dtype),
        attributes,
      ),
    space: (types, _attributes, output) => ({
      fold: [],
      maps: types.map((t) => broadcastMap(t.shape, output.shape)),
    }),
    evaluate(inputs, attributes, output) {
      const scalar = definition.scalar(
        inputs.map((t) => t.dtype),
        attributes,
      );
      const out = allocate(output.dtype, elements(output.shape));
      const [a, b, c] = inputs;
      if (inputs.every((t) => sameShape(t.shape, output.shape))) {
        if (!b) for (let i = 0; i < out.length; i++) out[i] = scalar(a!.data[i]!);
        else if (!c) for (let i = 0; i < out.length; i++) out[i] = scalar(a!.data[i]!, b.data[i]!);
        else for (let i = 0; i < out.length; i++) out[i] = scalar(a!.data[i]!, b.data[i]!, c.data[i]!);
        return out;
      }
      const maps = inputs.map((t) => broadcastMap(t.shape, output.shape));
      walk(output.shape, maps, (i, at) => {
        out[i] = c
          ? scalar(a!.data[at[0]!]!, b!.data[at[1]!]!, c.data[at[2]!]!)
          : b
            ? scalar(a!.data[at[0]!]!, b.data[at[1]!]!)
            : scalar(a!.data[at[0]!]!);
      });
      return out;
    },
  };
}

/** Both operands f32 or both i32, result the same. */
export function numeric(dtypes: readonly DType[]): DType | undefined {
  const [first] = dtypes;
  return first !== 'bool' && dtypes.every((d) => d === first) ? first : undefined;
}

/** Operands f32, result f32. */
export function float(dtypes: readonly DType[]): DType | undefined {
  return dtypes.every((d) => d === 'f32') ? 'f32' : undefined;
}

/** Operands of one numeric type, result bool. */
export function comparison(dtypes: readonly DType[]): DType | undefined {
  return numeric(dtypes) && 'bool';
}

export function logical(dtypes: readonly DType[]): DType | undefined {
  return dtypes.every((d) => d === 'bool') ? 'bool' : undefined;
}

export type { TensorType };
