/** The same training step in plain f32 ONNX, as an exporter would write it: Gemm with transposes inside, Softmax, ReduceMean. */
import {
  attributeInt,
  DataType,
  tensorFromF32,
  tensorFromI64,
  valueInfo,
} from '../packages/ir/dist/src/index.js';

export function floatMlp({ widths, batch, kind, rate }) {
  const classes = widths.at(-1);
  const labelled = kind === 'classes';
  const nodes = [];
  const initializers = new Map();
  const f32 = (shape) => ({ dtype: 'f32', shape });
  let count = 0;
  const add = (opType, input, attribute = [], output = `t${count++}`) => {
    nodes.push({ name: output, opType, input, output: [output], attribute });
    return output;
  };
  const c = (value) => {
    const name = `f32:${value}`;
    initializers.set(name, tensorFromF32(name, [], Float32Array.of(value)));
    return name;
  };
  const ints = (...values) => {
    const name = `i64:${values}`;
    initializers.set(name, tensorFromI64(name, [values.length], BigInt64Array.from(values, BigInt)));
    return name;
  };
  const transA = attributeInt('transA', 1);
  const transB = attributeInt('transB', 1);
  const inputs = [
    valueInfo('x', f32([batch, widths[0]])),
    valueInfo('y', labelled ? { dtype: 'i32', shape: [batch, 1] } : f32([batch, classes])),
  ];
  const outputs = [];
  const activations = [labelled ? add('Mul', ['x', c(1 / 255)]) : 'x'];
  const last = widths.length - 2;
  for (let i = 0; i <= last; i++) {
    inputs.push(
      valueInfo(`w${i}`, f32([widths[i], widths[i + 1]])),
      valueInfo(`b${i}`, f32([1, widths[i + 1]])),
    );
    const z = add('Gemm', [activations[i], `w${i}`, `b${i}`]);
    activations.push(i < last ? add('Relu', [z]) : z);
  }
  let delta;
  if (labelled) {
    const p = add('Softmax', [activations.at(-1)], [attributeInt('axis', 1)]);
    initializers.set('classes', tensorFromI32('classes', classes));
    const hot = add('Cast', [add('Equal', ['y', 'classes'])], [attributeInt('to', DataType.float)]);
    delta = add('Mul', [add('Sub', [p, hot]), c(1 / batch)]);
    const picked = add(
      'ReduceSum',
      [add('Mul', [add('Log', [p]), hot]), ints(1)],
      [attributeInt('keepdims', 0)],
    );
    add('Neg', [add('ReduceMean', [picked], [attributeInt('keepdims', 0)])], [], 'loss');
  } else {
    const gap = add('Sub', [activations.at(-1), 'y']);
    delta = add('Mul', [gap, c(2 / (batch * classes))]);
    add('ReduceMean', [add('Mul', [gap, gap])], [attributeInt('keepdims', 0)], 'loss');
  }
  for (let i = last; i >= 0; i--) {
    const gradient = add('Gemm', [activations[i], delta], [transA]);
    add('Sub', [`w${i}`, add('Mul', [gradient, c(rate)])], [], `next.w${i}`);
    add(
      'Sub',
      [`b${i}`, add('Mul', [add('ReduceSum', [delta, ints(0)], [attributeInt('keepdims', 1)]), c(rate)])],
      [],
      `next.b${i}`,
    );
    if (i > 0) {
      const mask = add('Cast', [add('Less', [c(0), activations[i]])], [attributeInt('to', DataType.float)]);
      delta = add('Mul', [add('Gemm', [delta, `w${i}`], [transB]), mask]);
    }
    outputs.push(
      valueInfo(`next.w${i}`, f32([widths[i], widths[i + 1]])),
      valueInfo(`next.b${i}`, f32([1, widths[i + 1]])),
    );
  }
  outputs.push(valueInfo('loss', f32([])));
  return {
    irVersion: 10,
    graph: {
      name: 'float',
      node: nodes,
      initializer: [...initializers.values()],
      input: inputs,
      output: outputs,
    },
    opsetImport: [{ domain: '', version: 21 }],
  };
}

function tensorFromI32(name, n) {
  return {
    name,
    dims: [n],
    dataType: DataType.int32,
    rawData: new Uint8Array(Int32Array.from({ length: n }, (_, i) => i).buffer),
  };
}
