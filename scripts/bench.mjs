/** `npm run bench`: step time of canonical graphs over plain f32 graphs of the same jobs, on this processor. */
import os from 'node:os';
import { legalise } from '../packages/runtime/dist/src/legalise/legalise.js';
import { exactMlp } from '../bench/mlp-exact.mjs';
import { floatMlp } from '../bench/mlp-float.mjs';
import { prepare, race } from '../bench/measure.mjs';
import { feedsOf, WORKLOADS } from '../bench/workloads.mjs';

const only = process.argv[2];
console.log(`${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, onnxruntime-node, 2 threads`);
for (const workload of WORKLOADS) {
  if (only && !workload.name.startsWith(only)) continue;
  const feeds = feedsOf(workload);
  const options = { steps: workload.steps, feeds };
  const float = floatMlp(workload);
  const exact = exactMlp(workload);
  const contenders = [
    await prepare(float, { ...options }),
    await prepare(float, { ...options, optimise: true }),
    await prepare(legalise(exact, 'exact', { integerProducts: true }), options),
  ];
  const [plain, optimised, ours] = await race(contenders, { rounds: 15, steps: workload.steps });
  const best = Math.min(plain.ratio, optimised.ratio);
  console.log(
    `${workload.name}: f32 ${plain.ms.toFixed(3)} ms, f32 optimised ${optimised.ms.toFixed(3)} ms, exact ${ours.ms.toFixed(3)} ms, ` +
      `ratio ${(ours.ratio / best).toFixed(2)} (target ${workload.target})`,
  );
}
