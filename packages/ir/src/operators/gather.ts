import { breaks } from '../verify/rule.js';
import { allocate, elements, formatType, stridesOf } from '../value/type.js';
import { f32, i32, type Operator } from './operator.js';

/**
 * Rows of a table chosen by an i32 tensor: out[i..., r...] = table[index[i...], r...]. The index map is that of the row
 * inside the table; the leading coordinate is read from the index tensor, whose own map is the second.
 */
export const Gather: Operator = {
  name: 'Gather',
  opcode: 48,
  family: 'gather',
  summary: 'Rows of a table, chosen by an i32 tensor that is proved to lie in range.',
  exactness: 'Moves bits; indices are proved to be in range.',
  arity: 2,
  attributes: {},
  infer([table, index]) {
    if (!table || !index || index.dtype !== 'i32' || table.shape.length === 0) {
      breaks(
        'constraint',
        `Gather takes a table and i32 indices, not ${[table, index].map((t) => (t ? formatType(t) : 'nothing')).join(', ')}`,
      );
    }
    return { dtype: table.dtype, shape: [...index.shape, ...table.shape.slice(1)] };
  },
  range([table, index], [type]) {
    const rows = type!.shape[0]!;
    if (index!.lo < 0 || index!.hi >= rows)
      breaks(
        'indexBound',
        `Gather: indices span ${index!.lo} .. ${index!.hi} but the table has ${rows} rows`,
      );
    return table!;
  },
  space([table, index], _attributes, output) {
    const own = stridesOf(table!.shape);
    const rank = index!.shape.length;
    const outer = stridesOf(index!.shape);
    return {
      fold: [],
      maps: [
        { offset: 0, strides: output.shape.map((_, d) => (d < rank ? 0 : own[d - rank + 1]!)) },
        { offset: 0, strides: output.shape.map((_, d) => (d < rank ? outer[d]! : 0)) },
      ],
    };
  },
  evaluate([table, index], _attributes, output) {
    const out = allocate(output.dtype, elements(output.shape));
    const row = elements(table!.shape.slice(1));
    for (let i = 0; i < index!.data.length; i++) {
      const start = index!.data[i]! * row;
      out.set(table!.data.subarray(start, start + row), i * row);
    }
    return out;
  },
  cases: [
    { name: 'rows', inputs: [f32([3, 2], [1, 2, 3, 4, 5, 6]), i32([2], [2, 0])] },
    { name: 'a scalar from a table', inputs: [f32([4], [1, 2, 4, 8]), i32([], [3])] },
  ],
};
