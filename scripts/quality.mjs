/**
 * `npm run quality`: trains each example as the canonical graph and as the same step in plain f32 (float.onnx, onnxruntime's own kernels
 * and functions), on the same batches from the same initial state, and compares the losses. `npm run quality -- digits` takes one
 * example.
 *
 * The final loss is the mean training loss of the last tenth of the steps. Training amplifies small differences, so where a run ends is
 * defined only up to some scatter. How much is shown by a third run: plain f32 again, with every initial weight changed by 2^-16 of
 * itself, about what two digits keep of the largest value of a tensor. Small jobs are averaged over seeds for that reason.
 *
 * Options: --seeds 5 (another number of seeds), --steps 300 (a shorter job, its schedule too), --set name=value (a param of the job, may
 * be repeated), --threads 2 (for all runs), --no-nudge (without the third run, which takes as long as the second). What is running and the
 * time left in it go to stderr.
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
import { parseArgs } from 'node:util';

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
 * @param nudge whether to train a third time, from nudged weights
 * @param onProgress told of each step: which run, steps done, of how many
 */
export async function compareNumerics(
  job,
  folder,
  set = {},
  { nudge = true, threads = 1, onProgress = () => {} } = {},
) {
  const { compileJob, FLOAT_FILE } = await import('@gensyn/dsl');
  const { loadJob, openCpu, train, readLosses, readCheckpoint, RUN_FILES } = await import('@gensyn/runtime');
  const { holdoutEvaluator } = await import('../packages/runtime/dist/src/evaluate-holdout.js');
  await compileJob({ job, out: folder, set, float: true });
  const compiled = await loadJob(folder);
  const device = await openCpu({ threads });
  const run = join(folder, 'run');
  let last;
  const { steps } = compiled.manifest;
  for await (const event of train(compiled, { folder: run, device, holdoutEvery: 0 })) {
    if (event.kind === 'progress') onProgress('exact', event.step, steps);
    last = event;
  }
  const exact = [...readLosses(join(run, RUN_FILES.losses), compiled.manifest.metrics).loss];
  const float = (name, nudged) =>
    trainFloat(compiled, join(folder, FLOAT_FILE), {
      nudge: nudged,
      threads,
      onStep: (step) => onProgress(name, step, steps),
    });
  const plain = await float('plain f32', false);
  const nudged = nudge ? await float('nudged', true) : undefined;
  const evaluator = await holdoutEvaluator(compiled.evaluation, compiled.manifest, compiled.columns, device);
  const holdout = evaluator && {
    exact: await evaluator.evaluate(readCheckpoint(run, compiled.manifest, last.records.at(-1))),
    plain: await evaluator.evaluate(plain.state),
  };
  await evaluator?.close();
  return { exact, plain: plain.losses, nudged: nudged?.losses, holdout };
}

/**
 * Runs float.onnx step by step; graph optimisation is on, as anybody would run it.
 * @param nudge changes each initial weight by 2^-16 of itself or a little less
 */
async function trainFloat({ manifest, step: graph, columns, given }, file, { nudge, threads, onStep }) {
  const { default: ort } = await import('onnxruntime-node');
  const { initialState } = await import('@gensyn/ir');
  const { sourceInputs } = await import('@gensyn/runtime');
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: threads,
    logSeverityLevel: 4,
  });
  const sources = sourceInputs(graph, manifest, columns).filter(({ name }) =>
    session.inputNames.includes(name),
  );
  const type = { f32: 'float32', i32: 'int32', bool: 'bool' };
  const tensor = ({ dtype, shape, data }) => new ort.Tensor(type[dtype], data, [...shape]);
  let state = Object.fromEntries(
    [...initialState(manifest, given)].map(([name, value]) => [
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
    onStep(step + 1);
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

/** A copy of an example's folder whose job has another seed, and another number of steps if one is given. */
export function withSeed(name, seed, folder, steps) {
  const from = join(root, 'examples', name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(from))
    if (file !== 'job.gml') symlinkSync(join(from, file), join(folder, file));
  // What a job takes from another example's folder is still there.
  const text = readFileSync(join(from, 'job.gml'), 'utf8').replaceAll('"../', `"${join(root, 'examples')}/`);
  if (!/^ *seed += \d+$/m.test(text)) throw new Error(`examples/${name}/job.gml has no line with its seed`);
  const seeded = text.replace(/^( *seed += )\d+$/m, `$1${seed}`);
  // An interval of checkpoints is no longer than the job.
  const short =
    steps === undefined
      ? seeded
      : seeded
          .replace(/^( *steps += ).+$/m, `$1${steps}`)
          .replace(/checkpoint every \S+ steps/, `checkpoint every ${steps} steps`);
  writeFileSync(join(folder, 'job.gml'), short);
  return join(folder, 'job.gml');
}

const SEEDS = { digits: 8, iris: 8 };
const IN_SHARDS = new Set(['digits-shards']);

/** Says on stderr every now and then what is running and how long it will take. */
function showProgress(about) {
  let [running, begun, said] = ['', 0, 0];
  return (run, step, steps) => {
    const now = performance.now();
    if (run !== running) [running, begun, said] = [run, now, now];
    if (now - said < 10_000 || step === 0) return;
    said = now;
    const left = Math.round(((now - begun) / 1000 / step) * (steps - step));
    const time = left < 120 ? `${left} s` : `${Math.round(left / 60)} min`;
    process.stderr.write(`${about}: ${run}, step ${step} of ${steps}, ${time} left in it\n`);
  };
}

/** `name=value` pairs as an object. */
function pairs(list) {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Error(`--set ${text} is not name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A whole number from 1 on, or undefined where the option was not given. */
function whole(options, name) {
  const text = options[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} ${text} is not a whole number from 1 on`);
  return Number(text);
}

async function main(args) {
  const { EXAMPLES, settingsOf } = await import('./examples.mjs');
  const { compileTypes } = await import('./build.mjs');
  const { values: options, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      steps: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      threads: { type: 'string', default: '1' },
      'no-nudge': { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !EXAMPLES.includes(name));
  if (unknown) throw new Error(`there is no example ${unknown}; there are ${EXAMPLES.join(', ')}`);
  const steps = whole(options, 'steps');
  const asked = whole(options, 'seeds');
  const threads = whole(options, 'threads');
  if (!options['no-build'] && !(await compileTypes())) process.exit(1);
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-quality-'));
  const percent = (ratio) => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(3)}%`;
  try {
    for (const name of positionals.length > 0 ? positionals : EXAMPLES) {
      const data = settingsOf(name);
      if (data === undefined) {
        console.log(`${name}: its data is not here`);
        continue;
      }
      if (IN_SHARDS.has(name)) {
        console.log(`${name}: is trained in shards, which no single run in plain f32 is like`);
        continue;
      }
      const finals = { exact: [], plain: [], nudged: [] };
      const seeds = asked ?? SEEDS[name] ?? 1;
      for (let seed = 1; seed <= seeds; seed++) {
        const job = withSeed(name, seed, join(folder, `${name}-${seed}-source`), steps);
        const { exact, plain, nudged, holdout } = await compareNumerics(
          job,
          join(folder, `${name}-${seed}`),
          { ...data, ...pairs(options.set) },
          { nudge: !options['no-nudge'], threads, onProgress: showProgress(`${name}, seed ${seed}`) },
        );
        finals.exact.push(finalLoss(exact));
        finals.plain.push(finalLoss(plain));
        if (nudged) finals.nudged.push(finalLoss(nudged));
        const scatter = nudged ? `; plain f32 nudged ${percent(finalLoss(nudged) / finalLoss(plain))}` : '';
        const row = [
          `final loss ${finalLoss(exact).toPrecision(6)}, plain f32 ${finalLoss(plain).toPrecision(6)} (${percent(finalLoss(exact) / finalLoss(plain))}${scatter})`,
          `whole run ${percent(mean(exact) / mean(plain))}`,
        ];
        if (holdout) {
          row.push(
            `holdout loss ${holdout.exact.loss.toFixed(4)}, ${holdout.plain.loss.toFixed(4)} (${percent(holdout.exact.loss / holdout.plain.loss)})`,
          );
          if (holdout.exact.accuracy !== undefined)
            row.push(
              `accuracy ${(100 * holdout.exact.accuracy).toFixed(2)}%, ${(100 * holdout.plain.accuracy).toFixed(2)}%`,
            );
        }
        console.log(`${name}, seed ${seed}: ${row.join('; ')}`);
      }
      const scatter =
        finals.nudged.length > 0
          ? `, plain f32 nudged ${percent(mean(finals.nudged) / mean(finals.plain))}`
          : '';
      console.log(
        `${name}, mean of ${seeds}: final loss ${percent(mean(finals.exact) / mean(finals.plain))}${scatter}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
