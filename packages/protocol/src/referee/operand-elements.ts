/** Which elements of its operands an element of a node is made of, by the operators' own index maps. */
import { OPERATORS, elements, type IndexMap, type Shape } from '@gensyn/ir';
import type { StepView } from './step.js';

export interface OperandElement {
  /** Position among the operands. */
  readonly operand: number;
  readonly element: number;
}

function coordinates(shape: Shape, index: number): number[] {
  const at = new Array<number>(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    at[d] = index % shape[d]!;
    index = Math.floor(index / shape[d]!);
  }
  return at;
}

/** Flat index, or undefined outside the window. */
function indexAt({ offset, strides, window }: IndexMap, at: readonly number[]): number | undefined {
  if (window?.some(([lo, hi], d) => at[d]! < lo || at[d]! >= hi)) return undefined;
  return strides.reduce((sum, stride, d) => sum + stride * at[d]!, offset);
}

/**
 * In the order in which the referee reads them.
 * @param term of a reduction; all terms unless given
 */
export function operandElements(
  step: StepView,
  id: number,
  element: number,
  term?: number,
): readonly OperandElement[] {
  const node = step.job.graph.nodes[id]!;
  const operator = OPERATORS[node.op];
  const operands = node.inputs.map((input) => step.values[input]!);
  const { fold, maps } = operator.space(operands, node.attributes, node.type);
  const at = coordinates(node.type.shape, element);
  if (operator.family === 'gather') {
    const row = indexAt(maps[1]!, at)!;
    const width = elements(operands[0]!.shape.slice(1));
    const inside = indexAt(maps[0]!, at)!;
    return [
      { operand: 1, element: row },
      { operand: 0, element: operands[1]!.data[row]! * width + inside },
    ];
  }
  if (operator.family === 'reduce') {
    const [from, to] = term === undefined ? [0, elements(fold)] : [term, term + 1];
    const opened: OperandElement[] = [];
    for (let k = from; k < to; k++) {
      const point = [...at, ...coordinates(fold, k)];
      maps.forEach((map, operand) => opened.push({ operand, element: indexAt(map, point)! }));
    }
    return opened;
  }
  return maps.flatMap((map, operand): OperandElement[] => {
    const found = indexAt(map, at);
    return found === undefined ? [] : [{ operand, element: found }];
  });
}
