/** Slices that cut one tensor into all its pieces, as a single Split. */
import { attributeInt, integersTensor, type Graph } from '@gensyn/ir';
import { need, type Plan } from './plan.js';

interface Cut {
  readonly axis: number;
  /** Slice nodes in the order of their pieces. */
  readonly pieces: readonly number[];
  readonly sizes: readonly number[];
}

const cuts = new WeakMap<Graph, Map<number, Cut>>();

/** Tensors whose Slices are exactly the consecutive pieces of one axis. */
function cutsOf(graph: Graph): Map<number, Cut> {
  const known = cuts.get(graph);
  if (known) return known;
  const slices = new Map<number, number[]>();
  graph.nodes.forEach((node, id) => {
    if (node.op === 'Slice') slices.set(node.inputs[0]!, [...(slices.get(node.inputs[0]!) ?? []), id]);
  });
  const found = new Map<number, Cut>();
  for (const [source, ids] of slices) {
    const cut = cutOf(graph, source, ids);
    if (cut) found.set(source, cut);
  }
  cuts.set(graph, found);
  return found;
}

function cutOf(graph: Graph, source: number, ids: readonly number[]): Cut | undefined {
  const { shape } = graph.nodes[source]!.type;
  const boxes = ids.map((id) => {
    const { starts, ends, steps } = graph.nodes[id]!.attributes as Record<
      'starts' | 'ends' | 'steps',
      readonly number[]
    >;
    return { id, starts, ends, steps };
  });
  const axis = shape.findIndex((dim, d) =>
    boxes.some(({ starts, ends }) => starts[d] !== 0 || ends[d] !== dim),
  );
  const fits = boxes.every(({ starts, ends, steps }) =>
    shape.every((dim, d) => steps[d] === 1 && (d === axis || (starts[d] === 0 && ends[d] === dim))),
  );
  if (axis < 0 || !fits || boxes.length < 2) return undefined;
  boxes.sort((a, b) => a.starts[axis]! - b.starts[axis]!);
  let at = 0;
  for (const { starts, ends } of boxes) {
    if (starts[axis] !== at) return undefined;
    at = ends[axis]!;
  }
  if (at !== shape[axis]) return undefined;
  return {
    axis,
    pieces: boxes.map(({ id }) => id),
    sizes: boxes.map(({ starts, ends }) => ends[axis]! - starts[axis]!),
  };
}

/** A Slice that is one piece of such a tensor. Moves bits as Slice does. */
export function piecePlan(graph: Graph, id: number): Plan | undefined {
  const node = graph.nodes[id]!;
  const source = node.inputs[0]!;
  const cut = node.op === 'Slice' ? cutsOf(graph).get(source) : undefined;
  if (!cut) return undefined;
  return {
    needs: [need(source, 'f32')],
    write(writer) {
      const sizes = writer.initializer(integersTensor(cut.sizes));
      const outputs = cut.pieces.map((piece) => writer.name(piece, 'f32'));
      writer.nodeOf(outputs, 'Split', [writer.name(source, 'f32'), sizes], [attributeInt('axis', cut.axis)]);
    },
  };
}
