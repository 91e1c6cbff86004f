/**
 * `npm run quality`: trains each example as the canonical graph and as the same step in plain f32 (float.onnx, onnxruntime's own kernels
 * and functions), on the same batches from the same initial state, and compares the losses. `npm run quality -- digits` takes one
 * example, `--seeds 5` another number of seeds.
 *
 * The final loss is the mean training loss of the last tenth of the steps. Training amplifies small differences, so where a run ends is
 * defined only up to some scatter. How much is shown by a third run: plain f32 again, with every initial weight changed by 2^-16 of
 * itself, about what two digits keep of the largest value of a tensor. Small jobs are averaged over seeds for that reason.
 */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Means over the last tenth of an array of losses, at least one. */
export function finalLoss(losses) {
  const last = losses.slice(-Math.max(1, Math.round(losses.length / 10)));
  return last.reduce((sum, loss) => sum + loss, 0) / last.length;
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Losses of every step and the loss and accuracy on the holdout rows, of one job both ways.
 * @param job a job.gml
 * @param folder where to write; must not exist
 */
export async function compareNumerics(job, folder, set = {}) {
  const { compileJob, FLOAT_FILE } = await import('@gensyn/dsl');
  const { loadJob, openCpu, train, readLosses, readCheckpoint, RUN_FILES } = await import('@gensyn/runtime');
  const { holdoutEvaluator } = await import('../packages/runtime/dist/src/evaluate-holdout.js');
  await compileJob({ job, out: folder, set, float: true });
  const compiled = await loadJob(folder);
  const device = await openCpu({ threads: 1 });
  const run = join(folder, 'run');
  let last;
  for await (const event of train(compiled, { folder: run, device, holdoutEvery: 0 })) last = event;
  const exact = [...readLosses(join(run, RUN_FILES.losses), compiled.manifest.metrics).loss];
  const plain = await trainFloat(compiled, join(folder, FLOAT_FILE));
  const nudged = await trainFloat(compiled, join(folder, FLOAT_FILE), true);
  const evaluator = await holdoutEvaluator(compiled.evaluation, compiled.manifest, compiled.columns, device);
  const holdout = evaluator && {
    exact: await evaluator.evaluate(readCheckpoint(run, compiled.manifest, last.records.at(-1))),
    plain: await evaluator.evaluate(plain.state),
  };
  await evaluator?.close();
  return { exact, plain: plain.losses, nudged: nudged.losses, holdout };
}

/**
 * Runs float.onnx step by step; graph optimisation is on, as anybody would run it.
 * @param nudge changes each initial weight by 2^-16 of itself or a little less
 */
async function trainFloat({ manifest, step: graph, columns }, file, nudge = false) {
  const { default: ort } = await import('onnxruntime-node');
  const { initialState } = await import('@gensyn/ir');
  const { sourceInputs } = await import('@gensyn/runtime');
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const sources = sourceInputs(graph, manifest, columns).filter(({ name }) =>
    session.inputNames.includes(name),
  );
  const type = { f32: 'float32', i32: 'int32', bool: 'bool' };
  const tensor = ({ dtype, shape, data }) => new ort.Tensor(type[dtype], data, [...shape]);
  let state = Object.fromEntries(
    [...initialState(manifest)].map(([name, value]) => [
      name,
      tensor(nudge && value.dtype === 'f32' ? nudged(value) : value),
    ]),
  );
  const losses = [];
  for (let step = 0; step < manifest.steps; step++) {
    const feeds = Object.fromEntries(
      Object.entries(state).filter(([name]) => session.inputNames.includes(name)),
    );
    for (const source of sources) {
      const data = source.type.dtype === 'i32' ? new Int32Array(source.size) : new Float32Array(source.size);
      source.fill(step, data, 0);
      feeds[source.name] = tensor({ ...source.type, data });
    }
    const results = await session.run(feeds);
    losses.push(results.loss.data[0]);
    state = Object.fromEntries(
      Object.keys(state).map((name) => [name, results[`next.${name}`] ?? state[name]]),
    );
  }
  await session.release();
  return {
    losses,
    state: new Map(
      manifest.state.map(({ name, dtype, shape }) => [name, { dtype, shape, data: state[name].data }]),
    ),
  };
}

function nudged(value) {
  const data = value.data.slice();
  const bits = new Uint32Array(data.buffer);
  for (let i = 0; i < bits.length; i++) if (data[i] !== 0) bits[i] ^= 1 << 7;
  return { ...value, data };
}

/** A copy of an example's folder whose job has another seed. */
export function withSeed(name, seed, folder) {
  const from = join(root, 'examples', name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(from))
    if (file !== 'job.gml') symlinkSync(join(from, file), join(folder, file));
  const text = readFileSync(join(from, 'job.gml'), 'utf8');
  if (!/^ *seed += \d+$/m.test(text)) throw new Error(`examples/${name}/job.gml has no line with its seed`);
  writeFileSync(join(folder, 'job.gml'), text.replace(/^( *seed += )\d+$/m, `$1${seed}`));
  return join(folder, 'job.gml');
}

const SEEDS = { digits: 8, iris: 8 };

async function main(args) {
  const { EXAMPLES, settingsOf } = await import('./examples.mjs');
  const { compileTypes } = await import('./build.mjs');
  if (!compileTypes()) process.exit(1);
  const at = args.indexOf('--seeds');
  const named = args.filter((arg) => EXAMPLES.includes(arg));
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-quality-'));
  const percent = (ratio) => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(3)}%`;
  try {
    for (const name of named.length > 0 ? named : EXAMPLES) {
      const set = settingsOf(name);
      if (set === undefined) {
        console.log(`${name}: its data is not here`);
        continue;
      }
      const finals = { exact: [], plain: [], nudged: [] };
      const seeds = at < 0 ? (SEEDS[name] ?? 1) : Number(args[at + 1]);
      for (let seed = 1; seed <= seeds; seed++) {
        const job = withSeed(name, seed, join(folder, `${name}-${seed}-source`));
        const { exact, plain, nudged, holdout } = await compareNumerics(
          job,
          join(folder, `${name}-${seed}`),
          set,
        );
        finals.exact.push(finalLoss(exact));
        finals.plain.push(finalLoss(plain));
        finals.nudged.push(finalLoss(nudged));
        const row = [
          `final loss ${finalLoss(exact).toPrecision(6)}, plain f32 ${finalLoss(plain).toPrecision(6)} (${percent(finalLoss(exact) / finalLoss(plain))}; plain f32 nudged ${percent(finalLoss(nudged) / finalLoss(plain))})`,
          `whole run ${percent(mean(exact) / mean(plain))}`,
        ];
        if (holdout)
          row.push(
            `holdout loss ${holdout.exact.loss.toFixed(4)}, ${holdout.plain.loss.toFixed(4)} (${percent(holdout.exact.loss / holdout.plain.loss)})`,
            `accuracy ${(100 * holdout.exact.accuracy).toFixed(2)}%, ${(100 * holdout.plain.accuracy).toFixed(2)}%`,
          );
        console.log(`${name}, seed ${seed}: ${row.join('; ')}`);
      }
      console.log(
        `${name}, mean of ${seeds}: final loss ${percent(mean(finals.exact) / mean(finals.plain))}, plain f32 nudged ${percent(mean(finals.nudged) / mean(finals.plain))}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
