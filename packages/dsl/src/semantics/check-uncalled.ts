/** Checks declared types, and builds the functions that are never called once, so that mistakes in them are found too. */
import { at, column as columnOf } from '../tensor/build.js';
import type { FunctionNode } from '../syntax/ast.js';
import { buildBody } from './call-function.js';
import { loadNetwork } from './call-network.js';
import type { Elaboration } from './elaboration.js';
import { inner, lookUp } from './item.js';
import type { Item } from './item.js';
import { checkType, length } from './match-type.js';

/** A value of the declared type: its one free length stands for the batch. Undefined if the type leaves more open. */
function stand(
  job: Elaboration,
  node: FunctionNode,
): ReadonlyMap<string, { item: Item; span: undefined }> | undefined {
  const items = new Map<string, { item: Item; span: undefined }>();
  const free = new Set<string>();
  for (const { name, type } of node.parameters) {
    const element = type?.name.name;
    if (type === undefined || type.groups.length > 1 || (element !== 'f32' && element !== 'i32'))
      return undefined;
    const shape: number[] = [];
    for (const dimension of type.groups[0] ?? []) {
      if (dimension.kind === 'reference' && lookUp(job.globals, dimension.name) === undefined) {
        free.add(dimension.name);
        shape.push(job.batch ?? 1);
      } else if (dimension.kind === 'number' || dimension.kind === 'reference') {
        const known = length(job, inner(job.globals), dimension);
        if (known === undefined) return undefined;
        shape.push(known);
      } else return undefined;
    }
    items.set(name.name, {
      item: { kind: 'tensor', value: at(name.span, () => columnOf('', name.name, shape, element)) },
      span: undefined,
    });
  }
  return free.size <= 1 ? items : undefined;
}

export function checkUncalled(job: Elaboration): void {
  for (const node of job.declarations.networks.values()) loadNetwork(job, node);
  for (const node of job.declarations.functions.values()) {
    const { name } = node.name;
    const types = [...node.parameters.map((each) => each.type), node.result].filter(
      (each) => each !== undefined,
    );
    // All of them, since a call stops at the first that does not fit.
    if (types.map((each) => checkType(job, each)).includes(false)) continue;
    if (job.called.has(name) || job.recursive.has(name)) continue;
    const items = stand(job, node);
    if (items !== undefined) buildBody(job, node, name, items, undefined);
  }
}
