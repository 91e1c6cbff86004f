/**
 * Writes digits.onnx, the network that job.gml starts from: trains pretrain.gml and puts its weights into an ONNX model of the form that
 * other frameworks export, with a free batch axis. The same bytes on every machine. `node examples/digits-onnx/make-network.mjs`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileJob } from '@gensyn/dsl';
import { attributeInt, attributeInts, encodeModel, tensorFromF32, tensorFromI64 } from '@gensyn/ir';
import { loadJob, openCpu, readCheckpoint, train } from '@gensyn/runtime';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = process.argv[2] ?? join(here, 'digits.onnx');
const work = mkdtempSync(join(tmpdir(), 'gensyn-network-'));
try {
  writeFileSync(out, encodeModel(modelOf(await trained())));
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function trained() {
  const run = join(work, 'run');
  const { manifest } = await compileJob({ job: join(here, 'pretrain.gml'), out: join(work, 'job') });
  for await (const event of train(await loadJob(join(work, 'job')), {
    folder: run,
    device: await openCpu(),
    holdoutEvery: 0,
  })) {
    if (event.kind === 'end') return readCheckpoint(run, manifest, event.records.at(-1));
  }
}

function modelOf(state) {
  const weight = (name, from) => {
    const { shape, data } = state.get(from);
    return tensorFromF32(name, shape, data);
  };
  const value = (name, ...dims) => ({
    name,
    type: {
      tensorType: {
        elemType: 1,
        shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
      },
    },
  });
  const node = (opType, input, output, attribute = []) => ({
    opType,
    name: output,
    input,
    output: [output],
    attribute,
  });
  return {
    irVersion: 8,
    producerName: 'gensyn',
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'digits',
      input: [value('pixels', 'batch', 64)],
      output: [value('logits', 'batch', 10)],
      initializer: [
        // 0 keeps the batch.
        tensorFromI64('image', [4], BigInt64Array.of(0n, 1n, 8n, 8n)),
        weight('conv.weight', 'net.conv2d1.weight'),
        weight('conv.bias', 'net.conv2d1.bias'),
        weight('fc.weight', 'net.linear1.weight'),
        weight('fc.bias', 'net.linear1.bias'),
      ],
      node: [
        node('Reshape', ['pixels', 'image'], 'picture'),
        node('Conv', ['picture', 'conv.weight', 'conv.bias'], 'filtered', [
          attributeInts('kernel_shape', [3, 3]),
        ]),
        node('Relu', ['filtered'], 'active'),
        node('MaxPool', ['active'], 'pooled', [
          attributeInts('kernel_shape', [2, 2]),
          attributeInts('strides', [2, 2]),
        ]),
        node('Flatten', ['pooled'], 'flat', [attributeInt('axis', 1)]),
        node('Gemm', ['flat', 'fc.weight', 'fc.bias'], 'logits'),
      ],
    },
  };
}
