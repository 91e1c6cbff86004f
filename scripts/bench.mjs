/**
 * `npm run bench`: the time of a training step as a canonical graph over that of the same job in plain f32, on this processor.
 *
 * Plain f32 is whichever is fastest: the compiler's float graph and, for the networks of linear layers, one written by hand (Gemm with
 * transposes inside, Softmax), each with onnxruntime's graph optimisation off and on. All run many steps in one ONNX Loop, in one process, taking turns; a ratio is the
 * median over the rounds of our time over theirs in the same round, so that other load on the machine cancels.
 *
 * `gpt2-compile`, the last of them, is no step: it is what compiling a job of the shape of GPT-2 small takes, in a process of its own.
 *
 * Options: --only 784 (start of a name), --threads 2, --rounds 15, --kernel float (products as f32 matrix products), --profile, --json.
 */
import './node-version.mjs';
import { fork } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileTypes } from './build.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '15' },
    kernel: { type: 'string', default: 'integer' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
if (!options['no-build'] && !(await compileTypes())) process.exit(1);
const { openCpu } = await import('@gensyn/runtime');
const { floatMlp } = await import('../bench/mlp-float.mjs');
const { median, prepare, profile, race } = await import('../bench/measure.mjs');
const { compiled, feedsOf, handFeeds, WORKLOADS } = await import('../bench/workloads.mjs');

const threads = Number(options.threads);
const rounds = Number(options.rounds);
const device = await openCpu({ threads, ...(options.kernel === 'float' ? { products: 'float' } : {}) });
if (!options.json)
  console.log(`${device.description}; ${threads} of ${os.availableParallelism()} cores; ${rounds} rounds\n`);

/** Most that compiling the shape of GPT-2 small may take. */
const COMPILE = { seconds: 10, gigabytes: 3 };

function compileGpt2() {
  const child = fork(fileURLToPath(new URL('../bench/gpt2-compile.mjs', import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`gpt2-compile ended with ${code} and no figures`)));
  });
}

const results = [];
for (const workload of WORKLOADS) {
  if (!workload.name.startsWith(options.only)) continue;
  const { steps } = workload;
  const { graph, float } = compiled(workload);
  const feeds = feedsOf(graph, steps);
  // Written by hand for the networks of linear layers alone.
  const hand = workload.widths ? [floatMlp(workload), handFeeds(workload)] : [];
  const ours = device.legalise(graph, 'step');
  const contenders = [
    await prepare(ours, { steps, threads, feeds }),
    await prepare(float, { steps, threads, feeds }),
    await prepare(float, { steps, threads, feeds, optimise: true }),
  ];
  for (const optimise of hand.length > 0 ? [false, true] : [])
    contenders.push(await prepare(hand[0], { steps, threads, feeds: hand[1], optimise }));
  const [own, ...others] = await race(contenders, { rounds, steps });
  const ratios = others.map((times) => median(own.map((time, round) => time / times[round])));
  const ratio = Math.max(...ratios);
  const plain = median(others[ratios.indexOf(ratio)]);
  const spent = await profile(ours, { steps, threads, feeds });
  const products = (spent.get('MatMulIntegerToFloat') ?? 0) + (spent.get('MatMul') ?? 0);
  const result = {
    name: workload.name,
    plain,
    exact: median(own),
    ratio,
    target: workload.target,
    products,
    nodes: ours.graph.node.length,
    rowsPerSecond: Math.round((1000 * workload.batch) / median(own)),
  };
  results.push(result);
  for (const { session } of contenders) await session.release();
  if (options.json) continue;
  const ms = (x) => `${x < 10 ? x.toFixed(3) : x.toFixed(1)} ms`;
  console.log(
    `${result.name.padEnd(26)} ratio ${ratio.toFixed(2)} (target ${workload.target}, ${ratio <= workload.target ? 'met' : 'missed'})   ` +
      `exact ${ms(result.exact)}, plain f32 ${ms(plain)}; floor: products alone ${ms(products)}; ${result.rowsPerSecond} rows/s`,
  );
  if (options.profile)
    for (const [op, time] of [...spent].sort((a, b) => b[1] - a[1]).slice(0, 12))
      console.log(`    ${op.padEnd(22)} ${ms(time)}`);
}
const compiling = 'gpt2-compile'.startsWith(options.only) ? await compileGpt2() : undefined;
if (compiling && !options.json) {
  const { seconds, cpu, bytes, parameters, nodes } = compiling;
  const gigabytes = bytes / 1e9;
  const met = seconds <= COMPILE.seconds && gigabytes <= COMPILE.gigabytes;
  console.log(
    `${'gpt2-compile'.padEnd(26)} ${seconds.toFixed(1)} s (target ${COMPILE.seconds}), peak ${gigabytes.toFixed(2)} GB (target ${COMPILE.gigabytes}), ` +
      `${met ? 'met' : 'missed'}   processor ${cpu.toFixed(1)} s; ${(parameters / 1e6).toFixed(1)} M parameters, ${nodes} nodes; load ${os.loadavg()[0].toFixed(1)}`,
  );
}
if (options.json)
  console.log(
    JSON.stringify({ device: device.description, threads, rounds, results, compiling }, undefined, 2),
  );
