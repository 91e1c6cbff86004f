/** From an ONNX network to the canonical graph of its forward pass: the same outputs, bit for bit, on every machine. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { graphRoot, toOnnx, type Graph } from '@gensyn/ir';
import { openModel, type OpenModel } from '../import/model-files.js';
import { readNetwork } from '../import/network.js';
import { importedOperator } from '../import/operators/index.js';
import { inferenceGraph, type InferenceGraph, type InferenceSettings } from '../lowering/inference.js';
import { hex } from './manifest-of.js';
import { proved } from './proved.js';
import { writeModel } from './write-file.js';

/** Name of the canonical graph in the folder. */
export const INFERENCE_FILE = 'inference.onnx';

export interface InferenceOptions extends InferenceSettings {
  /** Path of the .onnx file. */
  readonly model: string;
  /** Folder to write; made if it is missing. */
  readonly out: string;
  /** Gives the file: from the disk unless given. */
  readonly open?: OpenModel;
}

export interface CompiledInference extends InferenceGraph {
  /** Merkle root of the graph, weights included, hex. */
  readonly graphRoot: string;
  readonly file: string;
}

/** Errors: L0810 to L0819 for the network, L0902 where no canonical form can be proved, L0002 when the result cannot be written. */
export async function compileInference(options: InferenceOptions): Promise<CompiledInference> {
  const { model, out, open = openModel } = options;
  const network = readNetwork(open(model), (op) => importedOperator(op) !== undefined);
  const compiled = inferenceGraph(network, options);
  const graph: Graph = proved(compiled.graph);
  const name = basename(model).replace(/\.onnx$/, '');
  const file = join(out, INFERENCE_FILE);
  await mkdir(out, { recursive: true });
  await writeModel(file, toOnnx(graph, { name: `${name} inference` }));
  return { ...compiled, graphRoot: hex(graphRoot(graph)), file };
}
