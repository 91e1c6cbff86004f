/** A small training step that has a bit of everything a graph can have. */
import { GraphBuilder, integerRange, range } from '../src/index.js';

/** A training step of every kind of source, output and role. */
export function step(): GraphBuilder {
  const builder = new GraphBuilder();
  builder.span = { file: 'job.gml', offset: 40, length: 3, line: 7, column: 9 };
  const weights = range({ lo: -1024, hi: 1024, quantum: 2 ** -30 });
  const w = builder.input('w', { dtype: 'f32', shape: [2, 3] }, weights, {
    kind: 'state',
    init: { kind: 'uniform', stream: 3, bound: 0.125 },
  });
  const still = builder.input('still', { dtype: 'f32', shape: [] }, range({ lo: 0, hi: 0 }), {
    kind: 'state',
    init: { kind: 'constant', value: 0 },
  });
  const count = builder.input('step', { dtype: 'i32', shape: [] }, integerRange(0, 99), {
    kind: 'state',
    init: { kind: 'constant', value: 0 },
  });
  const x = builder.input('x', { dtype: 'f32', shape: [2, 3] }, integerRange(0, 255), {
    kind: 'batch',
    dataset: 'digits',
    column: 'pixels',
  });
  const mask = builder.input('mask', { dtype: 'f32', shape: [3] }, range({ lo: 0, hi: 1.25, tiny: 1.25 }), {
    kind: 'dropout',
    stream: 9,
    keep: 0.8,
  });
  const rate = builder.add('Gather', [
    builder.constant(
      Float32Array.from({ length: 100 }, (_, i) => 1 / (i + 1)),
      [100],
    ),
    count,
  ]);
  const update = builder.add('Mul', [
    builder.add('Mul', [x, mask]),
    builder.add('Mul', [rate, builder.scalar(2 ** -10)]),
  ]);
  const flush = builder.scalar(1.5 * 2 ** -6);
  const next = builder.add('Sub', [builder.add('Add', [builder.add('Sub', [w, update]), flush]), flush]);
  builder.output('w', next, 'state');
  builder.output('still', still, 'state');
  builder.output('step', builder.add('Add', [count, builder.constant(Int32Array.of(1), [])]), 'state');
  builder.output(
    'health',
    builder.add('ReduceMax', [builder.add('Abs', [next])], { axes: [0, 1] }),
    'health',
  );
  builder.output('loss', builder.add('ReduceMax', [x], { axes: [0, 1] }), 'loss');
  builder.output('again', next, 'metric');
  builder.output('constant', builder.scalar(3), 'output');
  return builder;
}
