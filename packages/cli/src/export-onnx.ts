/** A trained run as an ordinary ONNX model. */
import {
  GensynError,
  encodeModelPieces,
  type DatasetManifest,
  type Manifest,
  type ModelProto,
  type State,
} from '@gensyn/ir';
import type { PreparedDataset, Program } from '@gensyn/dsl';
import { readFileSync } from 'node:fs';

/**
 * The bytes of the model, in pieces.
 * @param source path of the job's text; its params are set as the run's were
 * @param rows rows that the model takes at once
 * @throws DiagnosticsError for a text that does not check, GensynError U0203, L0905
 */
export async function exportOnnx(
  source: string,
  manifest: Manifest,
  state: State,
  rows: number,
): Promise<Uint8Array[]> {
  const program = await programOfRun(source, manifest, rows);
  return [...encodeModelPieces(await trainedModel(program, manifest, state))];
}

/**
 * The job of a run, checked again for a model that predicts.
 * @throws DiagnosticsError for a text that does not check, GensynError L0906 for a job that predicts, U0203
 */
export async function programOfRun(source: string, manifest: Manifest, rows: number): Promise<Program> {
  const { checkOrThrow } = await import('@gensyn/dsl');
  if (manifest.predictions)
    throw new GensynError(
      'L0906',
      `${manifest.name} trains nothing: it predicts with a network that it was given`,
      {
        help: 'what it says is in predictions.npy of its run',
      },
    );
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (cause) {
    throw new GensynError('U0203', `cannot read ${source}`, {
      help: "name the job's text with --job",
      cause,
    });
  }
  const set = Object.fromEntries(
    Object.entries(manifest.parameters).map(([name, value]) => [name, String(value)]),
  );
  return checkOrThrow({ path: source, text }, (path) => readFileSync(path, 'utf8'), { set, rows });
}

/** Errors: L0905 */
export async function trainedModel(program: Program, manifest: Manifest, state: State): Promise<ModelProto> {
  const { exportModel } = await import('@gensyn/dsl');
  return exportModel(program, manifest.datasets.map(prepared), state);
}

/** What the manifest keeps of a prepared data set; nothing is proved of an exported model, so ranges do not matter. */
function prepared({ name, rows, columns }: DatasetManifest): PreparedDataset {
  return {
    name,
    rows,
    root: '',
    columns: columns.map((column) => ({
      ...column,
      type: column.classes !== undefined ? 'class' : column.dtype,
      ...{ tiny: 0, quantum: 0, flushed: 0 },
    })),
  };
}
