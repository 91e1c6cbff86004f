/** Proves that a graph is canonical: every rule, for every state within its declared range. */
import { outputName } from '../onnx/names.js';
import { inputsOf, partOf, type Graph } from '../graph/graph.js';
import { isOperator } from '../operators/index.js';
import { within } from '../value/range.js';
import { elements, sameType } from '../value/type.js';
import { deduce, type Known } from './deduce.js';
import { checkConstant, checkInput, checkMask } from './source.js';
import { checkStates } from './state.js';
import { Violations, type Violation } from './violation.js';

/** Name of a node in violations and in the ONNX file. */
export function nodeName(graph: Graph, id: number): string {
  const node = graph.nodes[id]!;
  return node.op === 'Input' ? node.name! : `${id}_${node.op}`;
}

/**
 * All rules that the graph breaks; none for a canonical graph. Types and ranges are deduced anew from the declared inputs and the
 * constants; those written in the nodes are believed only where they claim no more.
 */
export function verifyCanonical(graph: Graph): Violation[] {
  const violations = new Violations();
  checkOrder(graph, violations);
  // What follows walks the graph by its indices.
  if (violations.list.length > 0) return violations.list;
  const known: Known[] = [];
  graph.nodes.forEach((node, id) => {
    const name = nodeName(graph, id);
    if (node.op === 'Input') {
      violations.collect(name, () => checkInput(`input '${name}'`, node.type, node.range), node.span);
      violations.collect(name, () => checkMask(`input '${name}'`, node), node.span);
      known.push({ type: node.type, range: node.range });
      return;
    }
    let found: Known;
    if (node.op === 'Constant') {
      found = {
        type: node.type,
        range: violations.collect(name, () => checkConstant(name, node), node.span),
      };
    } else {
      found = deduce(
        node.op,
        node.inputs.map((input) => known[input]!),
        node.attributes,
        violations,
        name,
        node.span,
      );
    }
    known.push(found);
    if (found.type && !sameType(found.type, node.type)) {
      violations.add(
        'constraint',
        name,
        `${name} is written with another type than its operands give it`,
        node.span,
      );
    } else if (found.range && !within(found.range, node.range)) {
      violations.add(
        'constraint',
        name,
        `${name} is written with a narrower range than its operands give it`,
        node.span,
      );
    }
  });
  checkOutputs(graph, violations);
  if (violations.list.length === 0) checkStates(graph, violations);
  return violations.list;
}

/** Operators are known; operands come before their use, inputs before constants before the rest. */
function checkOrder(graph: Graph, violations: Violations): void {
  let part = 0;
  graph.nodes.forEach((node, id) => {
    if (!isOperator(node.op)) {
      violations.add(
        'operator',
        `${id}_${String(node.op)}`,
        `${String(node.op)} is no canonical operator`,
        node.span,
      );
      return;
    }
    const name = nodeName(graph, id);
    if (partOf(node) < part)
      violations.add(
        'structure',
        name,
        `${name} stands after a node of a later part: inputs, constants, operators`,
        node.span,
      );
    part = Math.max(part, partOf(node));
    if (!node.inputs.every((input) => Number.isInteger(input) && input >= 0 && input < id)) {
      violations.add('structure', name, `${name} uses a node that does not come before it`, node.span);
    }
    if (node.op === 'Input' && (!node.name || !node.source))
      violations.add('structure', `${id}_Input`, 'an input has no name or no source', node.span);
  });
  for (const { name, node } of graph.outputs) {
    if (graph.nodes[node] === undefined)
      violations.add('structure', name, `output '${name}' is computed by no node`);
  }
}

/** Names are unique and usable in a file; state goes in and out; there is at most one health. */
function checkOutputs(graph: Graph, violations: Violations): void {
  const taken = new Set<string>();
  const claim = (name: string, what: string): void => {
    // Colons and @ mark the names that other forms of the graph need beside its own.
    if (!/^[^\s:@]+$/.test(name))
      violations.add('structure', name, `${what} '${name}' holds a space, colon or @, or nothing`);
    if (taken.has(name)) violations.add('structure', name, `the name '${name}' is given twice`);
    taken.add(name);
  };
  for (const { node } of inputsOf(graph)) claim(node.name!, 'input');
  for (const output of graph.outputs) claim(outputName(output), 'output');
  const stateOutputs = new Set(graph.outputs.filter(({ role }) => role === 'state').map(({ name }) => name));
  const updates = stateOutputs.size > 0;
  for (const { node } of inputsOf(graph)) {
    if (node.source?.kind !== 'state') continue;
    // A graph without any state output reads the state and leaves it as it is: evaluation.
    if (!stateOutputs.delete(node.name!) && updates)
      violations.add('structure', node.name, `state '${node.name}' has no next value`, node.span);
  }
  for (const name of stateOutputs)
    violations.add('structure', name, `the next value of '${name}' is computed, but there is no such state`);
  const health = graph.outputs.filter(({ role }) => role === 'health');
  if (health.length > 1) violations.add('structure', health[1]!.name, 'there is more than one health output');
  for (const { name, node } of health) {
    const { type } = graph.nodes[node]!;
    if (type.dtype !== 'f32' || elements(type.shape) !== 1)
      violations.add('structure', name, `health must be one f32`);
  }
}
