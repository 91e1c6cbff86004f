/** The GPU path, for real: on this machine's own adapter, or on SwiftShader. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openCpu, train, type Conformance } from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const JOB = { steps: 24, checkpointEvery: 8 };

/** The environment in which WebGPU works here, or undefined. */
async function environment(): Promise<NodeJS.ProcessEnv | undefined> {
  const script = here('../../../../scripts/swiftshader.mjs');
  const { swiftshader } = (await import(script)) as { swiftshader: () => Record<string, string> | undefined };
  const found = swiftshader();
  return found ? { ...process.env, ...found } : process.env;
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(process.execPath, [here(file), ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? '';
  }
}

describe('webgpu', function () {
  this.timeout(120_000);
  let env: NodeJS.ProcessEnv;
  let probe: Conformance;
  let folder: string;
  before(async function () {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-webgpu-'));
    env = { ...(await environment()), GENSYN_CACHE: path.join(folder, 'cache') };
    probe = JSON.parse(run('../src/device/probe-child.js', ['webgpu'], env)) as Conformance;
    if (probe.missing !== undefined) {
      console.log(`      skipped: there is no GPU, and SwiftShader does not run here (${probe.missing})`);
      this.skip();
    }
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('conforms in every operator', () => {
    expect(probe.failing).to.deep.equal([]);
    expect(probe.results.filter(({ compared }) => compared === 0)).to.deep.equal([]);
    expect(probe.results.length).to.be.greaterThan(24);
  });

  it('reaches the root of the processor, also when resumed half-way', async () => {
    let expected = '';
    const job = tinyJob(path.join(folder, 'job'), JOB);
    for await (const event of train(job, {
      folder: path.join(folder, 'cpu'),
      device: await openCpu({ threads: 1 }),
      holdoutEvery: 0,
    })) {
      if (event.kind === 'end') expected = event.stateRoot;
    }
    const args = [path.join(folder, 'job'), path.join(folder, 'gpu'), 'webgpu', JSON.stringify({ job: JOB })];
    expect(run('./run-child.js', args, env)).to.include(`end ${expected}`);
    for (const step of [16, 24])
      fs.rmSync(path.join(folder, `gpu/checkpoints/${String(step).padStart(10, '0')}.safetensors`));
    const resumed = run('./run-child.js', args, env);
    expect(resumed).to.include('start 8\n');
    expect(resumed).to.include(`end ${expected}`);
  });
});

describe('a device that is not there', function () {
  this.timeout(60_000);

  it('is an error, never a silent run on the processor', function () {
    if (process.platform !== 'linux') this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-no-gpu-'));
    // No Vulkan driver can be found under these names.
    const env = {
      ...process.env,
      VK_DRIVER_FILES: '/nonexistent',
      VK_ICD_FILENAMES: '/nonexistent',
      GENSYN_CACHE: path.join(folder, 'cache'),
    };
    const output = run(
      './run-child.js',
      [path.join(folder, 'job'), path.join(folder, 'run'), 'webgpu', JSON.stringify({ job: JOB })],
      env,
    );
    expect(output).to.match(/^error R0301 /);
    expect(fs.existsSync(path.join(folder, 'run'))).to.equal(false);
    fs.rmSync(folder, { recursive: true, force: true });
  });
});
