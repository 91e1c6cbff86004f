/** gensyn doctor: whether this machine can train, and whether its devices compute the right bits. */
import { Flags } from '@oclif/core';
import os from 'node:os';
import type { Conformance, DeviceName } from '@gensyn/runtime';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';

const DEVICES: readonly DeviceName[] = ['cpu', 'webgpu', 'cuda'];

export class Doctor extends GensynCommand {
  static override summary = 'Look at this machine: versions, memory, and a conformance probe of each device.';
  static override description =
    'Every operator is run on each device and compared with its definition, bit by bit. With --device the exit code says whether that device may be used.';
  static override examples = [
    { description: 'All devices:', command: '<%= config.bin %> doctor' },
    {
      description: 'Whether WebGPU computes the right bits here:',
      command: '<%= config.bin %> doctor --device webgpu',
    },
  ];
  static override flags = {
    device: Flags.string({ char: 'd', options: [...DEVICES], description: 'Probe only this one.' }),
  };

  override async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const { cacheFolder, conformanceOf, installFastHash, integerProductsAreExact, versions } =
      await import('@gensyn/runtime');
    const [hash, integerProducts, software] = [
      await installFastHash(),
      await integerProductsAreExact(),
      await versions(),
    ];
    const machine = {
      processor: os.cpus()[0]?.model.trim() ?? 'unknown',
      threads: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      platform: `${process.platform}-${process.arch}`,
      ...{ versions: software, hash, integerProducts, cache: cacheFolder() },
    };
    const devices: Conformance[] = [];
    for (const name of DEVICES.filter((each) => flags.device === undefined || each === flags.device)) {
      if (!this.jsonEnabled()) process.stderr.isTTY && process.stderr.write(`probing ${name} …\r`);
      devices.push(await conformanceOf(name, { fresh: true }));
    }
    const wanted = devices.find(({ device }) => device === (flags.device ?? 'cpu'));
    if (!wanted?.conforming) process.exitCode = EXIT.failure;
    if (this.jsonEnabled()) return { machine, devices };
    const [{ default: chalk }, { block }, { bytes, count }] = await Promise.all([
      import('chalk'),
      import('../job-summary.js'),
      import('../words.js'),
    ]);
    this.log(
      block([
        ['processor', `${machine.processor}, ${machine.threads} threads, ${bytes(machine.memoryBytes)}`],
        [
          'system',
          `${machine.platform}, Node.js ${software['node']}, onnxruntime ${software['onnxruntime']}`,
        ],
        [
          'products',
          integerProducts ? 'integer kernel, exact here' : 'float kernel: the integer one is not exact here',
        ],
        [
          'hashing',
          hash === 'hashtree'
            ? 'native SHA-256 of Merkle pairs'
            : 'SHA-256 of Node.js: the native package has no build for this platform',
        ],
        ['cache', machine.cache],
      ]),
    );
    this.log('');
    for (const { device, missing, results, onProcessor, failing, conforming } of devices) {
      const compared = results.reduce((sum, result) => sum + result.compared, 0);
      const sign = conforming ? chalk.green('✔') : missing !== undefined ? chalk.dim('–') : chalk.red('✘');
      const said =
        missing !== undefined
          ? `not usable: ${plain(missing)}`
          : conforming
            ? `computes the right bits: ${results.length} operators, ${count(compared)} values${onProcessor.length > 0 ? `; ${onProcessor.join(' and ')} on the processor` : ''}`
            : `differs in ${failing.join(', ')}: not used`;
      this.log(`${sign} ${device.padEnd(8)}${said}`);
    }
    return undefined;
  }
}

/** onnxruntime's own words without the place in its sources. */
function plain(message: string): string {
  return message.replace(/^.* was false\.\s*/s, '').split('\n')[0]!;
}
