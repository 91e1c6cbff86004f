/** The graph that a device must get right before it may train: every operator on its documented cases, edge cases and random values. */
import {
  GraphBuilder,
  OPERATORS,
  rangeOf,
  uniformBits,
  type Attributes,
  type Graph,
  type OperatorName,
  type TensorValue,
} from '@gensyn/ir';

/** Raise it when the vectors change, so that remembered results are not used. */
export const PROBE_VERSION = 1;

export interface ProbeGraph {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, TensorValue>>;
  /** The operator that each output tries. */
  readonly operatorOf: ReadonlyMap<string, OperatorName>;
}

type Trial = readonly [op: OperatorName, inputs: readonly TensorValue[], attributes?: Attributes];

/** Errors: none; the vectors are fixed. */
export function probeGraph(): ProbeGraph {
  const builder = new GraphBuilder();
  const inputs: Record<string, TensorValue> = {};
  const operatorOf = new Map<string, OperatorName>();
  const trials: Trial[] = [
    ...Object.values(OPERATORS).flatMap((operator) =>
      operator.cases.map((c): Trial => [operator.name as OperatorName, c.inputs, c.attributes ?? {}]),
    ),
    ...arithmetic(),
    ...exactSums(),
  ];
  trials.forEach(([op, operands, attributes], t) => {
    const values = operands.map((value, i) => {
      const name = `t${t}_${i}`;
      inputs[name] = value;
      return builder.input(name, { dtype: value.dtype, shape: value.shape }, rangeOf(value.data), {
        kind: 'free',
      });
    });
    const output = `r${t}`;
    builder.output(output, builder.add(op, values, attributes ?? {}), 'output');
    operatorOf.set(output, op);
  });
  return { graph: builder.build(), inputs, operatorOf };
}

const COUNT = 4096;

/** Random binary32 with both signs and exponents from -spread to spread; every eighth is an edge case. */
function floats(
  stream: number,
  spread: number,
  signs: 'both' | 'positive' | 'negative' = 'both',
): TensorValue {
  const edges = [1, 2 ** -24 + 1, 1 + 2 ** -23, 2 - 2 ** -23, 1.5, 3, 0.1, 1 / 3, 10, 7].map(Math.fround);
  const data = Float32Array.from({ length: COUNT }, (_, i) => {
    const a = uniformBits(1, stream, 0, 2 * i);
    const b = uniformBits(1, stream, 0, 2 * i + 1);
    const exponent = (b % (2 * spread + 1)) - spread;
    const size = (i % 8 === 0 ? edges[(i / 8) % edges.length]! : 1 + (a >>> 9) * 2 ** -23) * 2 ** exponent;
    return signs === 'negative' || (signs === 'both' && b >>> 31) ? -size : size;
  });
  return { dtype: 'f32', shape: [COUNT], data };
}

function arithmetic(): Trial[] {
  const near = (value: TensorValue): TensorValue => ({
    ...value,
    data: Float32Array.from(value.data, (x, i) => (i % 3 === 0 ? x : Math.fround(-x * (1 + 2 ** -20)))),
  });
  const trials: Trial[] = [];
  [1, 30].forEach((spread, s) => {
    const [a, b] = [floats(10 * s, spread), floats(10 * s + 1, spread)];
    for (const op of ['Add', 'Sub', 'Mul', 'Min', 'Max', 'Less', 'LessOrEqual', 'Equal'] as const)
      trials.push([op, [a, b]], [op, [a, near(a)]]);
    for (const sign of ['positive', 'negative'] as const)
      trials.push(['Div', [a, floats(10 * s + 2, spread, sign)]]);
    trials.push(['Sqrt', [floats(10 * s + 3, spread, 'positive')]], ['Neg', [a]], ['Abs', [a]]);
  });
  // The rounding trick that all digits rest on: fused or re-associated, it does nothing.
  const shift: TensorValue = { dtype: 'f32', shape: [], data: Float32Array.of(1.5 * 2 ** 23) };
  trials.push(['Add', [floats(40, 20), shift]]);
  trials.push(
    ['Div', [floats(41, 30), { dtype: 'f32', shape: [], data: Float32Array.of(3) }]],
    ['Div', [{ dtype: 'f32', shape: [], data: Float32Array.of(1) }, floats(42, 30, 'positive')]],
  );
  return trials;
}

function exactSums(): Trial[] {
  const digits = (stream: number, shape: readonly number[], extreme: boolean): TensorValue => {
    const length = shape.reduce((a, b) => a * b, 1);
    return {
      dtype: 'f32',
      shape,
      data: Float32Array.from({ length }, (_, i) =>
        extreme ? (i % 7 === 0 ? -128 : 127) : (uniformBits(1, stream, 0, i) & 255) - 128,
      ),
    };
  };
  const trials: Trial[] = [];
  for (const [m, k, n] of [
    [1, 5, 3],
    [17, 1000, 9],
    [64, 130, 64],
  ] as const) {
    for (const extreme of [false, true])
      trials.push(['Dot', [digits(50, [m, k], extreme), digits(51, [k, n], extreme)]]);
  }
  trials.push(['Dot', [digits(52, [3, 8, 70], false), digits(53, [3, 70, 5], false)]]);
  trials.push(
    ['ReduceMax', [{ ...floats(54, 30), shape: [64, 64] }], { axes: [1] }],
    ['ReduceMax', [{ ...floats(55, 30), shape: [64, 64] }], { axes: [0] }],
    ['ReduceMax', [{ ...floats(56, 30), shape: [8, 8, 64] }], { axes: [0, 1, 2] }],
  );
  return trials;
}
