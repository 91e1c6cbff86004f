/** Small random canonical graphs with inputs to match, for comparing implementations of the operators with each other. */
import { GraphBuilder, type Value } from './graph/builder.js';
import type { Graph } from './graph/graph.js';
import { OPERATORS, type OperatorName } from './operators/index.js';
import { FLOATS, INTEGERS, propose, type Context } from './random-graph-choices.js';
import { fill, generator } from './random-graph-inputs.js';
import { RuleError } from './verify/rule.js';
import { BOOL_RANGE, type Range } from './value/range.js';
import { elements, type DType, type Shape, type TensorValue } from './value/type.js';

export interface RandomGraphOptions {
  /** Operators to add; 24 unless told. */
  readonly nodes?: number;
  /** Largest length of an axis; 5 unless told. */
  readonly axis?: number;
}

export interface RandomGraph {
  readonly graph: Graph;
  /** One set of inputs that keeps every declared range, edge values included. */
  readonly inputs: Readonly<Record<string, TensorValue>>;
}

/** The same graph and inputs for the same seed and options. Every computed value that nothing uses is an output. */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): RandomGraph {
  const draw = generator(seed);
  const axis = options.axis ?? 5;
  const builder = new GraphBuilder();
  const inputs: Record<string, TensorValue> = {};
  const pool: Value[] = [];
  const shapes: Shape[] = Array.from({ length: 3 }, () =>
    Array.from({ length: draw.below(4) }, () => 1 + draw.below(axis)),
  );
  const addInput = (dtype: DType, shape: Shape, declared: Range): Value => {
    const name = `x${Object.keys(inputs).length}`;
    inputs[name] = { dtype, shape, data: fill(draw, dtype, shape, declared) };
    const value = builder.input(name, { dtype, shape }, declared, { kind: 'free' });
    pool.push(value);
    return value;
  };
  for (const shape of shapes) addInput('f32', shape, draw.pick(FLOATS));
  addInput('i32', draw.pick(shapes), draw.pick(INTEGERS));
  addInput('bool', draw.pick(shapes), BOOL_RANGE);

  const context: Context = { draw, builder, pool, axis, addInput };
  const wanted = options.nodes ?? 24;
  const used = new Set<number>();
  for (let added = 0, tries = 0; added < wanted && tries < wanted * 20; tries++) {
    try {
      const { op, operands, attributes } = propose(context, draw.pick(CHOICES));
      const value = builder.add(op, operands, attributes);
      operands.forEach((operand) => used.add(operand.id));
      if (elements(value.shape) > 4096) continue;
      pool.push(value);
      added++;
    } catch (error) {
      // The proposal breaks a rule, as most random ones do: the next one may not.
      if (!(error instanceof RuleError)) throw error;
    }
  }
  const sinks = new Set(pool.filter((value) => !used.has(value.id)));
  [...sinks].forEach((value, n) => builder.output(`y${n}`, value, 'output'));
  return { graph: builder.build(), inputs };
}

const CHOICES = Object.values(OPERATORS)
  .filter((operator) => operator.family !== 'source')
  .map((operator) => operator.name as OperatorName);
