/** An ONNX network to its canonical inference graph, and what `compile` tells of it. */
import type { CompiledInference } from '@gensyn/dsl';
import { GensynError, formatType } from '@gensyn/ir';
import { basename } from 'node:path';
import { buildFolder } from './find-job.js';
import { block, operatorLine } from './job-summary.js';
import type { Settings } from './settings.js';
import { bytes, counted } from './words.js';

export interface ModelRequest {
  /** Path of the .onnx file. */
  readonly model: string;
  readonly settings: Settings;
  /** `n=4` pairs: lengths of free axes, by name. */
  readonly axes: Readonly<Record<string, string>>;
  readonly precision: number | undefined;
  readonly out: string | undefined;
}

/** @throws GensynError U0107 for a length that is none, L08## for the network, L0902 */
export async function compileModel(request: ModelRequest): Promise<CompiledInference> {
  const { model, settings, axes, precision, out } = request;
  const [{ compileInference }, { installFastHash }] = await Promise.all([
    import('@gensyn/dsl'),
    import('@gensyn/runtime'),
  ]);
  await installFastHash();
  const lengths = Object.entries(axes).map(([axis, text]) => {
    if (!/^[1-9]\d{0,9}$/.test(text))
      throw new GensynError('U0107', `--axis ${axis}=${text} is not a length`, {
        help: 'for instance --axis batch=16',
      });
    return [axis, Number(text)] as const;
  });
  const name = basename(model, '.onnx');
  return compileInference({
    model,
    out: out ?? buildFolder({ kind: 'source', path: model, name }, settings),
    axes: Object.fromEntries(lengths),
    ...(precision === undefined ? {} : { precision: precision as 1 | 2 | 3 }),
  });
}

export function modelSummary({ graph, graphRoot, inputs, outputs, parameters }: CompiledInference): string {
  return block([
    ['inputs', inputs.map(({ name, type, shape }) => `${name} ${formatType({ dtype: type, shape })}`)],
    ['outputs', outputs.map(({ name, shape }) => `${name} ${formatType({ dtype: 'f32', shape })}`)],
    ['model', `${counted(parameters, 'parameter')}, ${bytes(4 * parameters)}`],
    ['graph', operatorLine(graph)],
    ['root', graphRoot],
  ]);
}
