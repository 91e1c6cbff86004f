/** Recurrent layers, unrolled over the places of a sequence. */
import {
  add,
  concat,
  formatShape,
  matmul,
  mul,
  reshape,
  scalar,
  slice,
  sub,
  unary,
} from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction, type Parameter, type Scope } from './function.js';

const parameters: readonly Parameter[] = [
  { name: 'x', type: 'tensor', doc: '[n, t, features]' },
  { name: 'units', type: 'integer', min: 1, doc: 'length of the state' },
];

/** A turn of the loop: what the input and the state before make of the state. */
type Turn = (input: Tensor, h: Tensor | undefined) => Tensor;

interface Cell {
  /** x W + b for all places at once: [n, t, gates units]. */
  readonly inputs: Tensor;
  /** U: [units, gates units]. */
  readonly recurrent: Tensor;
  readonly bias: Tensor;
  readonly n: number;
  readonly t: number;
}

function cell(scope: Scope, name: string, x: Tensor, units: number, gates: number): Cell {
  if (x.shape.length !== 3 || x.type !== 'f32')
    throw new ArgumentError(`${name} needs [n, t, features], found ${x.type}${formatShape(x.shape)}`, 'x');
  const [n, t, d] = x.shape as readonly [number, number, number];
  const init = { kind: 'uniform', bound: 1 / Math.sqrt(units) } as const;
  const w = scope.weight('input.weight', [d, gates * units], init);
  const recurrent = scope.weight('state.weight', [units, gates * units], init);
  const bias = scope.weight('bias', [gates * units], init);
  return {
    inputs: reshape(matmul(reshape(x, [n * t, d]), w), [n, t, gates * units]),
    recurrent,
    bias,
    n,
    t,
  };
}

/** The states of all places: [n, t, units]. */
function unrolled({ inputs, n, t }: Cell, units: number, turn: Turn): Tensor {
  const states: Tensor[] = [];
  for (let place = 0; place < t; place++) {
    const input = reshape(slice(inputs, 1, place, place + 1), [n, inputs.shape[2]!]);
    states.push(turn(input, states.at(-1)));
  }
  return concat(
    states.map((h) => reshape(h, [n, 1, units])),
    1,
  );
}

function gate(x: Tensor, index: number, units: number): Tensor {
  return slice(x, 1, index * units, (index + 1) * units);
}

export const recurrents: readonly LibraryFunction[] = [
  {
    name: 'lstm',
    kind: 'layer',
    doc: 'Long short-term memory (Hochreiter and Schmidhuber 1997) from a state of zeros; gates in the order input, forget, cell, output; weights start uniform in +-1/sqrt(units).',
    parameters,
    build(scope, args) {
      const units = args['units'] as number;
      const own = cell(scope, 'lstm', args['x'] as Tensor, units, 4);
      let memory: Tensor | undefined;
      return unrolled(own, units, (input, h) => {
        const sum = h ? add(input, matmul(h, own.recurrent)) : input;
        const z = add(sum, own.bias);
        const [i, f, o] = [0, 1, 3].map((index) => unary('sigmoid', gate(z, index, units))) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const fresh = mul(i, unary('tanh', gate(z, 2, units)));
        memory = memory ? add(mul(f, memory), fresh) : fresh;
        return mul(o, unary('tanh', memory));
      });
    },
  },
  {
    name: 'gru',
    kind: 'layer',
    doc: 'Gated recurrent unit (Cho et al. 2014) from a state of zeros; gates in the order reset, update, candidate, the reset applied after the product as in PyTorch; weights start uniform in +-1/sqrt(units).',
    parameters,
    build(scope, args) {
      const units = args['units'] as number;
      const own = cell(scope, 'gru', args['x'] as Tensor, units, 3);
      const inner = scope.weight('state.bias', [units], { kind: 'uniform', bound: 1 / Math.sqrt(units) });
      return unrolled(own, units, (input, h) => {
        const x = add(input, own.bias);
        const u = h && matmul(h, own.recurrent);
        const of = (index: number): Tensor =>
          u ? add(gate(x, index, units), gate(u, index, units)) : gate(x, index, units);
        const r = unary('sigmoid', of(0));
        const z = unary('sigmoid', of(1));
        const candidate = u ? add(gate(u, 2, units), inner) : inner;
        const fresh = unary('tanh', add(gate(x, 2, units), mul(r, candidate)));
        const kept = mul(sub(scalar(1), z), fresh);
        return h ? add(kept, mul(z, h)) : kept;
      });
    },
  },
];
