/** A compiled job whose steps compute more than they need: with the operators that small networks do without. */
import { GraphBuilder, graphRoot, type Graph, type OperatorName, type State, type Value } from '@gensyn/ir';
import { inspectStep, type Machine } from '@gensyn/runtime';
import { jobWitness } from '../../src/witness/index.js';
import { rootsOf, type CompiledJob } from './compiled-job.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Computed of values of the step, and used for nothing but the operator list. */
const MORE: Readonly<Partial<Record<OperatorName, (builder: GraphBuilder, x: Value) => Value>>> = {
  Neg: (b, x) => b.add('Neg', [x]),
  LessOrEqual: (b, x) => b.add('LessOrEqual', [x, b.scalar(0)]),
  And: (b, x) => b.add('And', [b.add('Less', [b.scalar(-1), x]), b.add('Less', [x, b.scalar(1)])]),
  Or: (b, x) => b.add('Or', [b.add('Less', [x, b.scalar(-1)]), b.add('Less', [b.scalar(0.5), x])]),
  Not: (b, x) => b.add('Not', [b.add('Less', [x, b.scalar(0)])]),
  Pad: (b, x) => b.add('Pad', [x], { before: x.shape.map(() => 1), after: x.shape.map(() => 2) }),
  Expand: (b, x) => b.add('Expand', [x], { shape: [3, ...x.shape] }),
  Equal: (b, x) => b.add('Equal', [x, b.add('Abs', [x])]),
  Concat: (b, x) => b.add('Concat', [x, x], { axis: 0 }),
  Transpose: (b, x) => b.add('Transpose', [x], { perm: x.shape.map((_, i) => x.shape.length - 1 - i) }),
};

/** The graph again, node by node, and then more. */
function extended(graph: Graph): Graph {
  const builder = new GraphBuilder();
  const values = graph.nodes.map(() => undefined as unknown as Value);
  graph.nodes.forEach((node, id) => {
    const inputs = node.inputs.map((input) => values[input]!);
    const { shape, dtype } = node.type;
    values[id] =
      node.op === 'Input'
        ? builder.input(node.name!, node.type, node.range, node.source!)
        : node.op === 'Constant'
          ? builder.constant(node.data!, shape, dtype)
          : builder.add(node.op, inputs, node.attributes);
  });
  for (const { name, node, role } of graph.outputs) builder.output(name, values[node]!, role);
  // Something of two axes that takes both signs.
  const x = values.find(
    ({ type: { dtype, shape }, range }, id) =>
      graph.nodes[id]!.op === 'Sub' && dtype === 'f32' && shape.length === 2 && range.lo < 0 && range.hi > 0,
  )!;
  for (const [op, add] of Object.entries(MORE)) builder.output(`more ${op}`, add(builder, x), 'metric');
  return builder.build();
}

/** The same training, by the definitions. */
export function withMoreOperators(compiled: CompiledJob, change: (machine: Machine) => Machine): CompiledJob {
  const { folder, states } = compiled;
  const step = extended(compiled.job.step);
  const manifest = { ...compiled.job.manifest, graphRoot: hex(graphRoot(step)) };
  const job = { ...compiled.job, step, manifest };
  const machine = change({
    ...compiled.machine,
    values: (state: State, at: number) => Promise.resolve(inspectStep(job, state, at)),
  });
  const honest = jobWitness({
    folder,
    job,
    machine,
    states: { at: async (at) => states.get(at)! },
    from: 0,
    steps: manifest.steps,
    roots: rootsOf(states),
  });
  return { folder, job, machine, states, honest, close: () => Promise.resolve() };
}

export const MORE_OPERATORS = Object.keys(MORE) as OperatorName[];
