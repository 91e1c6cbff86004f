/** Which states may be overwritten by their next values while a step runs, which halves the memory that a large state takes. */
import type { ModelProto, NodeProto } from '@gensyn/ir';

/** Results that onnxruntime may leave where the operand lies. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Identity', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * An output that is bound to the buffer of an input is written as soon as its node runs, and of the order of nodes only this is certain:
 * what a node computes from has been computed. So the next value of a state may be written over it if every node that reads the state,
 * itself or by a view, comes before the one that writes it on some way of values, and that one is not among them.
 */
export function overwritable(model: ModelProto, states: readonly string[]): Set<string> {
  const nodes = model.graph?.node ?? [];
  const producers = new Map<string, NodeProto>();
  const readers = new Map<string, NodeProto[]>();
  for (const node of nodes) {
    for (const output of node.output ?? []) producers.set(output, node);
    for (const input of new Set(node.input)) {
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  }
  const readersOf = (value: string): NodeProto[] =>
    (readers.get(value) ?? []).flatMap((node) =>
      VIEWS.has(node.opType ?? '') ? [node, ...(node.output ?? []).flatMap(readersOf)] : [node],
    );
  return new Set(
    states.filter((name) => {
      const last = producers.get(`next.${name}`);
      if (!last) return false;
      const before = ancestorsOf(last, producers);
      return readersOf(name).every((node) => before.has(node));
    }),
  );
}

/** The nodes whose results a node is computed from; not itself. */
function ancestorsOf(node: NodeProto, producers: ReadonlyMap<string, NodeProto>): Set<NodeProto> {
  const found = new Set<NodeProto>();
  const open = [node];
  for (let next = open.pop(); next; next = open.pop())
    for (const input of next.input ?? []) {
      const producer = producers.get(input);
      if (!producer || found.has(producer)) continue;
      found.add(producer);
      open.push(producer);
    }
  return found;
}
