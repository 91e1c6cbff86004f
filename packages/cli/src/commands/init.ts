/** gensyn init: a new job folder from a template. */
import { Args, Flags } from '@oclif/core';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { stat } from '../find-job.js';
import { PACKAGE_ROOT } from '../package-root.js';

const TEMPLATES = {
  digits: 'handwritten digits from a CSV file: two hidden layers, 98% in a second',
  table: 'a small table with a header: three kinds of iris',
  text: 'a character model: first names, letter by letter',
  images: 'pictures and labels in IDX files, as of MNIST',
} as const;

/** What a job's folder collects and nobody commits. */
const IGNORED = 'build/\nruns/\n';

export class Init extends GensynCommand {
  static override summary = 'Make a folder with a job that compiles, to start from.';
  static override description = `The templates, each with real data:\n${Object.entries(TEMPLATES)
    .map(([name, text]) => `  ${name.padEnd(8)}${text}`)
    .join('\n')}`;
  static override examples = [
    {
      description: 'Digits, then train them:',
      command: '<%= config.bin %> init my-job && cd my-job && <%= config.bin %> run',
    },
    { description: 'A model of text:', command: '<%= config.bin %> init names --template text' },
  ];
  static override args = {
    folder: Args.string({ required: true, description: 'The folder to make. It may exist if it is empty.' }),
  };
  static override flags = {
    template: Flags.string({
      options: Object.keys(TEMPLATES),
      default: 'digits',
      description: 'What to start from.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Init);
    const { folder } = args;
    const there = stat(folder);
    if (there && (!there.isDirectory() || readdirSync(folder).length > 0)) {
      throw new GensynError('U0205', `${folder} ${there.isDirectory() ? 'is not empty' : 'is a file'}`, {
        help: 'name a folder that does not exist yet',
      });
    }
    const template = join(PACKAGE_ROOT, 'dist', 'templates', flags.template);
    const files = [...readdirSync(template).sort(), '.gitignore'];
    try {
      mkdirSync(folder, { recursive: true });
      for (const file of files) {
        if (file === '.gitignore') writeFileSync(join(folder, file), IGNORED);
        else copyFileSync(join(template, file), join(folder, file));
      }
    } catch (cause) {
      throw new GensynError('R0503', `${folder} cannot be written`, {
        notes: [{ message: (cause as NodeJS.ErrnoException).code ?? String(cause) }],
        cause,
      });
    }
    if (this.jsonEnabled()) return { folder, template: flags.template, files };
    const { default: chalk } = await import('chalk');
    this.log(
      `Made ${folder} with ${files.filter((file) => file !== '.gitignore').join(', ')}.\nNext: ${chalk.cyan(`cd ${relative('.', folder) || folder} && gensyn run`)}`,
    );
    return undefined;
  }
}
