/** The root of a graph: one digest for what is computed, and openings of single nodes. */
import { sha256 } from '../merkle/hash.js';
import { listRoot } from '../merkle/root.js';
import { encodeGraph } from './encode.js';
import type { Graph } from './graph.js';

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

export const GRAPH_HEADER_TAG = tag('gensyn/graph-header/v1');
export const GRAPH_NODE_TAG = tag('gensyn/graph-node/v1');

/** Entries of the graph's list: entry 0 is SHA256(GRAPH_HEADER_TAG || header), entry i + 1 is SHA256(GRAPH_NODE_TAG || node i). */
export function graphDigests(graph: Graph): Uint8Array[] {
  const { header, nodes } = encodeGraph(graph);
  return [sha256(GRAPH_HEADER_TAG, header), ...nodes.map((node) => sha256(GRAPH_NODE_TAG, node))];
}

const roots = new WeakMap<Graph, Uint8Array>();

/** `listRoot` of the graph's digests: 32 bytes; computed once, for a graph does not change. Errors: G0114 when a number does not fit the encoding. */
export function graphRoot(graph: Graph): Uint8Array {
  let root = roots.get(graph);
  if (!root) roots.set(graph, (root = listRoot(graphDigests(graph))));
  return root.slice();
}
