import { breaks } from '../verify/rule.js';
import { allocate, elements, formatType, stridesOf } from '../value/type.js';
import { f32, type Operator } from './operator.js';
import { walk } from './walk.js';

/** The maximum over some axes, which stay as axes of length 1. */
export const ReduceMax: Operator = {
  name: 'ReduceMax',
  opcode: 65,
  family: 'reduce',
  summary: 'Largest element over the given axes, which remain with length 1.',
  exactness: 'A maximum is one of its operands whatever the order; they may not be zeros of both signs.',
  arity: 1,
  attributes: { axes: 'integers' },
  infer([a], { axes }) {
    const list = axes as readonly number[];
    const ascending = list.every((axis, i) => axis >= 0 && (i === 0 || axis > list[i - 1]!));
    if (!a || a.dtype !== 'f32' || list.length === 0 || !ascending || list.at(-1)! >= a.shape.length) {
      breaks('constraint', `ReduceMax over axes [${list.join(', ')}] of ${a ? formatType(a) : 'nothing'}`);
    }
    return { dtype: 'f32', shape: a.shape.map((dim, axis) => (list.includes(axis) ? 1 : dim)) };
  },
  range([a]) {
    if (a!.negativeZero)
      breaks('zeroSign', 'ReduceMax can meet -0 and +0, and which one it returns depends on the device');
    return a!;
  },
  space([a], { axes }) {
    const own = stridesOf(a!.shape);
    const list = axes as readonly number[];
    return {
      fold: list.map((axis) => a!.shape[axis]!),
      maps: [
        {
          offset: 0,
          strides: [...own.map((s, d) => (list.includes(d) ? 0 : s)), ...list.map((axis) => own[axis]!)],
        },
      ],
    };
  },
  evaluate([a], attributes, output) {
    const out = allocate('f32', elements(output.shape)).fill(-Infinity);
    const { fold, maps } = this.space([a!], attributes, output);
    const terms = elements(fold);
    walk([...output.shape, ...fold], maps, (point, at) => {
      const i = Math.floor(point / terms);
      const x = a!.data[at[0]!]!;
      if (x > out[i]!) out[i] = x;
    });
    return out;
  },
  cases: [
    { name: 'rows', inputs: [f32([2, 3], [1, -2, 3, -4, -5, -6])], attributes: { axes: [1] } },
    { name: 'everything', inputs: [f32([2, 2], [1, 7, 3, 2])], attributes: { axes: [0, 1] } },
  ],
};
