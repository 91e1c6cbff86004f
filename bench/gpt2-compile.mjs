/**
 * Compiles a job with the shape of GPT-2 small (124 million parameters, 12 layers, width 768, 50257 tokens, context 1024) in a process
 * of its own, and sends what it took to the parent: seconds until the folder is complete, seconds of processor, peak memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CONTEXT = 1024;
const TOKENS = 50257;
const ROWS = 16;

const JOB = `data text {
  here: class[${TOKENS}][${CONTEXT}] = "here.npy"
  next: class[${TOKENS}][${CONTEXT}] = "next.npy"
}

model gpt2(x: i32[n, t]) -> f32[n, t, ${TOKENS}] {
  let tokens = table(${TOKENS}, 768)
  let h = positions(lookup(x, tokens))
  repeat 12 { h = gpt_block(h, 12) }
  project(layer_norm(h), tokens)
}

train {
  model     = gpt2(text.here)
  loss      = cross_entropy(model, text.next)
  optimizer = adamw(lr = cosine(6e-4, warmup = 2000, floor = 6e-5), beta2 = 0.95, weight_decay = 0.1)
  clip      = 1
  batch     = 8
  steps     = 600000
  seed      = 1
}
`;

/** An npy array of tokens, u16, [ROWS, CONTEXT]. */
function tokens(shift) {
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\0\x76\0', 'latin1');
  header.write(`{'descr': '<u2', 'fortran_order': False, 'shape': (${ROWS}, ${CONTEXT}), }`, 10);
  header[127] = 10;
  const values = Uint16Array.from({ length: ROWS * CONTEXT }, (_, i) => ((i + shift) * 40503) % TOKENS);
  return Buffer.concat([header, Buffer.from(values.buffer)]);
}

const folder = mkdtempSync(join(tmpdir(), 'gensyn-gpt2-'));
try {
  const job = join(folder, 'gpt2.gml');
  writeFileSync(job, JOB);
  writeFileSync(join(folder, 'here.npy'), tokens(0));
  writeFileSync(join(folder, 'next.npy'), tokens(1));
  const begun = performance.now();
  const [{ compileJob }, { installFastHash }] = await Promise.all([
    import('@gensyn/dsl'),
    import('@gensyn/runtime'),
  ]);
  await installFastHash();
  const { manifest, step } = await compileJob({ job, out: join(folder, 'out') });
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send({
    seconds: (performance.now() - begun) / 1000,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    bytes: maxRSS * 1024,
    parameters: manifest.size.parameters,
    nodes: step.nodes.length,
    graphRoot: manifest.graphRoot,
    initRoot: manifest.initRoot,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
