/** gensyn lint: whether an ONNX file is a canonical graph, and if not, where and why. */
import { Args } from '@oclif/core';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GensynError, RULES, graphRoot, lintModel } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';

/** A file with many of the same kind is told in short. */
const SHOWN = 50;

export class Lint extends GensynCommand {
  static override summary = 'Check any ONNX file against the rules of a canonical graph.';
  static override description =
    'A canonical graph computes the same bits on every device. Each violation names the node and the rule; exit code 1 if there is any.';
  static override examples = [
    { description: 'A compiled job:', command: '<%= config.bin %> lint build/digits/job.onnx' },
    { description: 'A model from elsewhere:', command: '<%= config.bin %> lint resnet.onnx --json' },
  ];
  static override args = { file: Args.string({ required: true, description: 'An ONNX file.' }) };

  override async run(): Promise<unknown> {
    const { args } = await this.parse(Lint);
    const { graph, violations } = lintModel(readModel(args.file));
    const canonical = violations.length === 0;
    if (!canonical) process.exitCode = EXIT.failure;
    const root = canonical && graph ? Buffer.from(graphRoot(graph)).toString('hex') : undefined;
    if (this.jsonEnabled())
      return { file: args.file, canonical, nodes: graph?.nodes.length, root, violations };
    const { default: chalk } = await import('chalk');
    const { counted } = await import('../words.js');
    if (canonical) {
      this.log(
        `${chalk.green('✔')} ${args.file} is canonical: ${counted(graph!.nodes.length, 'node')}\n  graph root ${root}`,
      );
      return undefined;
    }
    const file = basename(args.file);
    for (const { code, node, message } of violations.slice(0, SHOWN)) {
      this.log(
        `${chalk.bold(`${file}${node === undefined ? '' : `: ${node}`}:`)} ${chalk.red(`error[${code}]:`)} ${message}`,
      );
    }
    if (violations.length > SHOWN) this.log(`and ${violations.length - SHOWN} more`);
    const broken = new Set(violations.map(({ code }) => code));
    this.log(`\n${counted(violations.length, 'violation')} of ${counted(broken.size, 'rule')}`);
    for (const { code, title } of Object.values(RULES))
      if (broken.has(code)) this.log(`  ${chalk.cyan(code)}  ${title}`);
    this.log(`\`gensyn explain ${violations[0]!.code}\` tells more`);
    return undefined;
  }
}

/** Errors: U0203. */
export function readModel(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new GensynError('U0203', `cannot read ${file}`, {
      notes: [{ message: (cause as NodeJS.ErrnoException).code ?? String(cause) }],
      cause,
    });
  }
}
