/**
 * `npm run bench`: the time of a training step as a canonical graph over that of the same job in plain f32, on this processor.
 *
 * Plain f32 is whichever is fastest: the compiler's float graph and, for the networks of linear layers, one written by hand (Gemm with
 * transposes inside, Softmax), each with onnxruntime's graph optimisation off and on. All run many steps in one ONNX Loop, in one process, taking turns; a ratio is the
 * median over the rounds of our time over theirs in the same round, so that other load on the machine cancels.
 *
 * Options: --only 784 (start of a name), --threads 2, --rounds 15, --kernel float (products as f32 matrix products), --profile, --json.
 */
import './node-version.mjs';
import os from 'node:os';
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
if (options.json)
  console.log(JSON.stringify({ device: device.description, threads, rounds, results }, undefined, 2));
