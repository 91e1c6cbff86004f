/** The declared type of a data column: `f32[64]`, `i32`, `class[10]`, `class["yes", "no"]`, `class[28][8]`. */
import { didYouMean } from '../diagnostics/suggest.js';
import type { Expression, TypeNode } from '../syntax/ast.js';
import type { Shape } from '../tensor/tensor.js';
import { count } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { MAX_ELEMENTS, MAX_RANK } from './limits.js';
import { length } from './match-type.js';
import type { Column } from './program.js';

export type ColumnType = Pick<Column, 'type' | 'shape' | 'classes' | 'labels'>;

const types = ['f32', 'i32', 'class'];

function shapeOf(
  job: Elaboration,
  type: TypeNode,
  group: readonly Expression[] | undefined,
): Shape | undefined {
  const lengths = (group ?? []).map((each) => length(job, job.globals, each));
  if (lengths.includes(undefined)) return undefined;
  const shape = lengths as number[];
  // One more dimension is the batch.
  if (shape.length < MAX_RANK && count(shape) <= MAX_ELEMENTS) return shape;
  job.report('L0407', `a row has at most ${MAX_RANK - 1} dimensions and ${MAX_ELEMENTS} elements`, {
    span: type.span,
  });
  return undefined;
}

export function columnType(job: Elaboration, node: TypeNode): ColumnType | undefined {
  const { name, span } = node.name;
  if (!types.includes(name)) {
    const help = () => didYouMean(name, types) ?? 'columns are f32, i32 or class';
    job.report('L0602', `unknown column type '${name}'`, { span, help });
    return undefined;
  }
  const groups = name === 'class' ? node.groups.slice(1) : node.groups;
  if (groups.length > 1) {
    job.report('L0602', `a column has one shape in brackets, found ${groups.length}`, { span: node.span });
    return undefined;
  }
  const shape = shapeOf(job, node, groups[0]);
  if (name !== 'class') {
    return shape && { type: name as 'f32' | 'i32', shape, classes: undefined, labels: undefined };
  }
  const [inside] = node.groups;
  if (inside === undefined || inside.length === 0) {
    job.report('L0603', 'a class column says how many classes there are', {
      span: node.span,
      help: 'write class[10], or class["yes", "no"]',
    });
    return undefined;
  }
  if (inside.every((each) => each.kind === 'string')) {
    const labels = inside.map((each) => each.value);
    const repeated = inside.find((each, index) => labels.indexOf(each.value) !== index);
    if (repeated !== undefined) {
      job.report('L0603', `the class "${repeated.value}" is named twice`, { span: repeated.span });
      return undefined;
    }
    return shape && { type: 'class', shape, classes: labels.length, labels };
  }
  const [classes] = inside;
  if (inside.length > 1 || classes === undefined) {
    job.report('L0603', 'a class column has one number of classes, or only names', {
      span: node.span,
      help: 'class[28][8] is eight values of 28 classes',
    });
    return undefined;
  }
  const number = length(job, job.globals, classes);
  if (shape === undefined || number === undefined) return undefined;
  return { type: 'class', shape, classes: number, labels: undefined };
}
