/** The one right move: shows where the sides differ first, and opens the next part of one's own tree. */
import { GensynError, sha256, treeDepth } from '@gensyn/ir';
import { getBytes, hexlify } from 'ethers';
import { writeDescent, type Descent, type Level, type Side } from './descent.js';
import type { NodeTree } from './node-tree.js';
import type { Witness } from './witness.js';

const STRIDE = 4;
/** Binary levels that a move goes down: as few moves as can be, and among them steps of one length. */
function strideOf(depth: number): number {
  const moves = Math.ceil(depth / STRIDE);
  return moves < 2 ? depth : Math.ceil(depth / moves);
}
/** Elements of a chunk of 32 bytes, by the number of their type. */
const elementsPerChunk = (dtype: number): number => (dtype === 9 || dtype === 2 ? 32 : 8);
const ZERO = `0x${'00'.repeat(32)}`;

/** IPinpoint's Move. */
export interface Move {
  readonly descent: ReturnType<typeof writeDescent>;
  readonly branch: number;
  readonly answer: readonly string[];
  readonly agreed: readonly string[];
  readonly open: readonly string[];
  readonly proof: string;
}

/** What a player opens where a game begins. */
export async function firstOpening(witness: Witness, descent: Descent): Promise<readonly string[]> {
  return (await openingOf(witness, descent)).map((word) => hexlify(word));
}

/**
 * The move of `side`, whose turn it is, after the other has opened `theirs`. Errors: N0301 where both sides say the same, so
 * that there is nothing to dispute.
 */
export async function nextMove(
  witness: Witness,
  descent: Descent,
  theirs: readonly string[],
  side: Side,
): Promise<Move> {
  const stride = strideOf(descent.depth);
  let [branch, agreed, proof] = [0, [] as Uint8Array[], '0x'];
  let answer: Uint8Array[];
  let then: Descent | undefined;
  if (descent.depth > 0) {
    const tree = await treeOf(witness, descent);
    const found = difference(
      tree,
      descent,
      theirs.map((node) => getBytes(node)),
      stride,
    );
    ({ branch, answer } = found);
    then = descended(descent, side, stride, branch, answer, found.leftHeight);
  } else {
    answer = await contentsOf(witness, descent);
    agreed = await agreedOf(witness, descent);
    if (descent.level === 'step') proof = await witness.layoutProof(descent.index);
    then = await crossed(witness, descent, answer, theirs);
  }
  const open = then && then.level !== 'value' ? await openingOf(witness, then) : [];
  const words = (list: readonly Uint8Array[]): string[] => list.map((word) => hexlify(word));
  return {
    descent: writeDescent(descent),
    branch,
    answer: words(answer),
    agreed: words(agreed),
    open: words(open),
    proof,
  };
}

/** The first of the opened nodes in which the sides differ, with the paths of both. */
function difference(
  tree: NodeTree,
  { depth, index }: Descent,
  theirs: readonly Uint8Array[],
  stride: number,
) {
  const height = depth - stride;
  const at = index * 2 ** stride;
  const branch = theirs.findIndex((node, i) => !same(node, tree.node(height, at + i)));
  if (branch < 0) throw new GensynError('N0301', 'both sides say the same');
  const answer = [tree.node(height, at + branch), theirs[branch]!];
  let leftHeight: number | undefined;
  let row = theirs;
  for (let i = 0, own = at + branch, other = branch; i < stride; i++) {
    answer.push(tree.node(height + i, own ^ 1));
    if (own % 2 === 0) answer.push(row[other ^ 1]!);
    else leftHeight ??= height + i;
    row = Array.from({ length: row.length / 2 }, (_, k) => sha256(row[2 * k]!, row[2 * k + 1]!));
    [own, other] = [Math.floor(own / 2), Math.floor(other / 2)];
  }
  return { branch, answer, leftHeight };
}

function descended(
  descent: Descent,
  side: Side,
  stride: number,
  branch: number,
  [mine, other]: readonly Uint8Array[],
  leftHeight: number | undefined,
): Descent | undefined {
  const index = descent.index * 2 ** stride + branch;
  const depth = descent.depth - stride;
  // Padding: the game ends here.
  if (depth === 0 && index >= descent.count) return undefined;
  return {
    ...descent,
    depth,
    index,
    nodes: side === 0 ? [hexlify(mine!), hexlify(other!)] : [hexlify(other!), hexlify(mine!)],
    leftHeight: leftHeight ?? descent.leftHeight,
  };
}

/** Where the descent goes on below a leaf that both sides have opened; undefined where the game ends. */
async function crossed(
  witness: Witness,
  d: Descent,
  mine: readonly Uint8Array[],
  theirs: readonly string[],
): Promise<Descent | undefined> {
  const enter = (level: Level, count: number, more: Partial<Descent> = {}): Descent => ({
    ...d,
    ...more,
    level,
    count,
    depth: treeDepth(count),
    index: 0,
    leftHeight: 255,
  });
  switch (d.level) {
    case 'run':
      return enter('segment', stepsOf(d), { step: d.step + d.index * d.interval });
    case 'attestation':
      return enter('segment', d.steps);
    case 'segment':
      return enter('step', d.entries, { step: d.step + d.index });
    case 'step': {
      const { dtype, elements, terms } = await witness.layout(d.index);
      const more = { operator: d.index, dtype, elements, terms };
      return dtype === 0
        ? enter('state', elements, more)
        : enter('tensor', Math.ceil(elements / elementsPerChunk(dtype)), more);
    }
    case 'tensor': {
      if (d.terms === 0) return enter('value', 1);
      const element =
        d.index * elementsPerChunk(d.dtype) + firstByte(mine[0]!, getBytes(theirs[0]!), d.dtype);
      return element < d.elements ? enter('element', 1, { element }) : undefined;
    }
    case 'element':
      return enter('terms', Math.ceil(d.terms / 8));
    case 'state':
    case 'terms':
    case 'value':
      return enter('value', 1);
  }
}

/** Which element of a chunk differs first. */
function firstByte(a: Uint8Array, b: Uint8Array, dtype: number): number {
  const byte = a.findIndex((value, i) => value !== b[i]);
  return Math.floor((byte * elementsPerChunk(dtype)) / 32);
}

async function openingOf(witness: Witness, descent: Descent): Promise<readonly Uint8Array[]> {
  if (descent.depth === 0) return contentsOf(witness, descent);
  const stride = strideOf(descent.depth);
  const tree = await treeOf(witness, descent);
  const at = descent.index * 2 ** stride;
  return Array.from({ length: 2 ** stride }, (_, i) => tree.node(descent.depth - stride, at + i));
}

/** What `IPinpoint` wants to know of a leaf. */
async function contentsOf(witness: Witness, d: Descent): Promise<Uint8Array[]> {
  const i = d.index;
  switch (d.level) {
    case 'run': {
      const steps = stepsOf(d);
      const { tree, states, traces } = await witness.segment(d.step + i * d.interval, steps);
      return [states.at(-1)!, tree.root, traces.at(-1)!, ...tree.path(steps - 1)];
    }
    case 'attestation': {
      const { tree, states } = await witness.segment(d.step, d.steps);
      return [tree.root, states.at(-1)!, ...tree.path(d.steps - 1)];
    }
    case 'segment': {
      const tree = await witness.operators(d.step + i);
      return [tree.entry(d.entries - 1), tree.root, ...tree.path(d.entries - 1)];
    }
    case 'step': {
      const entry = (await witness.operators(d.step)).entry(i);
      const below = await (i === d.entries - 1 ? witness.state(d.step) : witness.tensor(d.step, i));
      return [entry, below.root];
    }
    case 'element': {
      const tree = await witness.partials(d.step, d.operator, d.element);
      const last = Math.ceil(d.terms / 8) - 1;
      return [tree.root, tree.entry(last), ...tree.path(last)];
    }
    default:
      return [(await treeOf(witness, d)).entry(i)];
  }
}

/** The leaf left of the one in dispute, with its path up to the subtree that both sides share. */
async function agreedOf(witness: Witness, d: Descent): Promise<Uint8Array[]> {
  if (d.index === 0 || !['run', 'segment', 'terms'].includes(d.level)) return [];
  if (d.level === 'segment') {
    const { tree, states, traces } = await witness.segment(d.step, d.count);
    return [states[d.index - 1]!, traces[d.index - 1]!, ...tree.path(d.index - 1, d.leftHeight)];
  }
  const tree = await treeOf(witness, d);
  return [tree.entry(d.index - 1), ...tree.path(d.index - 1, d.leftHeight)];
}

async function treeOf(witness: Witness, d: Descent): Promise<NodeTree> {
  switch (d.level) {
    case 'run':
      return witness.run();
    case 'segment':
      return (await witness.segment(d.step, d.count)).tree;
    case 'step':
      return witness.operators(d.step);
    case 'state':
      return witness.state(d.step);
    case 'tensor':
      return witness.tensor(d.step, d.operator);
    case 'terms':
      return witness.partials(d.step, d.operator, d.element);
    default:
      throw new GensynError('N0301', `level ${d.level} has no tree`);
  }
}

function stepsOf({ steps, index, interval }: Descent): number {
  return Math.min(interval, steps - index * interval);
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

/** The descent with which a game over a run or an attestation begins. */
export function beginning(
  fields: Pick<Descent, 'job' | 'graph' | 'entries' | 'interval' | 'step' | 'steps' | 'before' | 'nodes'>,
  level: 'run' | 'attestation',
): Descent {
  const count = level === 'run' ? Math.ceil(fields.steps / fields.interval) : 1;
  const none = [ZERO, ZERO] as const;
  const [depth, empty] = [
    treeDepth(count),
    { index: 0, operator: 0, element: 0, dtype: 0, elements: 0, terms: 0 },
  ];
  return {
    ...fields,
    ...empty,
    level,
    count,
    depth,
    leftHeight: 255,
    left: ZERO,
    opened: none,
    traces: none,
    partials: none,
    term: 0,
  };
}
