/** Opens a compiled job: nothing in its folder is believed before it is checked against the roots. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GensynError,
  JOB_FILES,
  decodeModel,
  fromOnnx,
  graphRoot,
  healthLimit,
  inputsOf,
  sameType,
  stepLimit,
  firstOutside,
  verifyCanonical,
  within,
  canonicalJson,
  type Graph,
  type Manifest,
  type State,
} from '@gensyn/ir';
import { installFastHash } from '../commit/hash.js';
import { openColumn } from '../data/column.js';
import { columnKey } from '../data/sources.js';
import { checkData } from './check-data.js';
import { jobPath } from './job-path.js';
import { givenState } from './given-state.js';
import type { Job } from './job.js';
import { parseManifest } from './parse-manifest.js';

/** A manifest of more than this is no manifest. */
const MAX_MANIFEST = 64 * 2 ** 20;

export interface LoadOptions {
  /** Hash all data files even if they were checked before. */
  readonly full?: boolean;
  /** A job that is open already: graphs of the same roots are taken from it. */
  readonly like?: Job;
}

/**
 * Errors: R0101 for a folder without a job, R0102 for a malformed manifest, R0103 and R0104 for its files, R0105 for data and R0106 for graphs
 * that are not the committed ones, R0108 for a graph that does not fit the manifest, R0403 for initial values out of range; G#### for a file that is no canonical ONNX.
 */
export async function loadJob(folder: string, options: LoadOptions = {}): Promise<Job> {
  await installFastHash();
  const manifest = loadManifest(folder);
  const pathOf = (file: string): string => jobPath(folder, file);
  const { like } = options;
  const step =
    like?.manifest.graphRoot === manifest.graphRoot
      ? like.step
      : loadGraph(pathOf, JOB_FILES.step, manifest.graphRoot);
  const evaluation =
    manifest.evalRoot === manifest.graphRoot
      ? step
      : like?.manifest.evalRoot === manifest.evalRoot
        ? like.evaluation
        : loadGraph(pathOf, JOB_FILES.evaluation, manifest.evalRoot);
  checkFit(step, manifest);
  checkEvaluation(evaluation, step);
  checkData(folder, manifest, [step, evaluation], pathOf, options.full ?? false);
  const columns = new Map(
    manifest.datasets.flatMap((set) =>
      set.columns.map(
        (column) => [columnKey(set.name, column.name), openColumn(pathOf(column.file), column)] as const,
      ),
    ),
  );
  const given = givenState(manifest, pathOf);
  checkStateRange(step, given, JOB_FILES.init);
  return { manifest, step, evaluation, columns, given };
}

/** The checked manifest of a job's folder. Errors: R0101, R0102. */
export function loadManifest(folder: string): Manifest {
  const file = path.join(folder, JOB_FILES.manifest);
  let size: number;
  let json: string;
  try {
    ({ size } = fs.statSync(file));
    json = size <= MAX_MANIFEST ? fs.readFileSync(file, 'utf8') : '';
  } catch (cause) {
    throw new GensynError('R0101', `there is no compiled job in ${path.basename(path.resolve(folder))}`, {
      help: 'Run `gensyn compile` first.',
      cause,
    });
  }
  return parseManifest(json);
}

/** A canonical graph from its ONNX file. Errors: R0103, R0104, R0106, G####. */
function loadGraph(pathOf: (file: string) => string, file: string, committed: string): Graph {
  const graph = readGraph(pathOf(file), file);
  const root = Buffer.from(graphRoot(graph)).toString('hex');
  if (root !== committed) {
    throw new GensynError('R0106', `${file} is not the graph that the manifest commits to`, {
      notes: [{ message: `committed ${committed}` }, { message: `found     ${root}` }],
      help: 'Compile the job again, or copy its folder whole.',
    });
  }
  const violations = verifyCanonical(graph);
  const [first] = violations;
  if (first) {
    throw new GensynError(
      first.code,
      `${file}${first.node === undefined ? '' : `, node ${first.node}`}: ${first.message}`,
      {
        ...(first.span ? { span: first.span } : {}),
        notes: violations.slice(1, 4).map(({ message }) => ({ message })),
      },
    );
  }
  return graph;
}

function readGraph(real: string, file: string): Graph {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(real);
  } catch (cause) {
    throw new GensynError('R0104', `${file} of the job cannot be read`, { cause });
  }
  try {
    return fromOnnx(decodeModel(bytes));
  } catch (cause) {
    if (!(cause instanceof GensynError)) throw cause;
    // Same code and explanation, with the file's name before the sentence.
    throw new GensynError(cause.code, `${file}: ${cause.message}`, {
      ...(cause.span ? { span: cause.span } : {}),
      notes: cause.notes,
      ...(cause.help ? { help: cause.help } : {}),
      cause,
    });
  }
}

/** The step's state inputs are the manifest's, in its order and with its initial values. */
function checkFit(step: Graph, manifest: Manifest): void {
  const inputs = inputsOf(step).flatMap(({ node }) =>
    node.source?.kind === 'state' ? [{ node, init: node.source.init }] : [],
  );
  const fits =
    inputs.length === manifest.state.length &&
    manifest.state.every((entry, i) => {
      const { node, init } = inputs[i]!;
      return (
        node.name === entry.name &&
        sameType(node.type, entry) &&
        canonicalJson(init) === canonicalJson(entry.init)
      );
    });
  if (!fits) throw new GensynError('R0108', 'the state in job.json is not the state of job.onnx');
  if (step.outputs.some(({ role }) => role === 'loss') === (manifest.predictions !== undefined))
    throw new GensynError('R0108', 'a job has either a loss or predictions');
  // The proofs hold for so many steps, and while the state stays within so much; the manifest may ask for less.
  if (manifest.steps > stepLimit(step))
    throw new GensynError(
      'R0108',
      `job.json asks for ${manifest.steps} steps, and the graph is proved for ${stepLimit(step)}`,
    );
  const watched = step.outputs.some(({ role }) => role === 'health');
  if (watched && manifest.healthBound > healthLimit(step)) {
    throw new GensynError(
      'R0108',
      `job.json lets the state reach ${manifest.healthBound}, and the graph is proved up to ${healthLimit(step)}`,
    );
  }
}

/** Evaluation is proved for every state that the step may hand it, and reads no other. */
function checkEvaluation(evaluation: Graph, step: Graph): void {
  const states = new Map(
    inputsOf(step).flatMap(({ node }) =>
      node.source?.kind === 'state' ? [[node.name!, node] as const] : [],
    ),
  );
  for (const { node } of inputsOf(evaluation)) {
    if (node.source?.kind !== 'state') continue;
    const known = states.get(node.name!);
    if (!known || !sameType(known.type, node.type) || !within(known.range, node.range))
      throw new GensynError(
        'R0108',
        `the evaluation reads a state '${node.name}' that is not the step's, or is proved for less of it`,
      );
  }
}

/** Errors: R0403 when an element of a state lies outside what the graph declares of it, so that nothing is proved of its next step. */
export function checkStateRange(step: Graph, state: State, what: string): void {
  for (const { node } of inputsOf(step)) {
    const value = node.source?.kind === 'state' ? state.get(node.name!) : undefined;
    const at = value ? firstOutside(value.data, node.range) : -1;
    if (at >= 0)
      throw new GensynError(
        'R0403',
        `${what}: element ${at} of '${node.name}' is ${value!.data[at]}, which the graph does not allow`,
      );
  }
}
