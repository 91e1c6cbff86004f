/** gensyn sample: text from a trained model of characters or bytes. */
import { Args, Flags } from '@oclif/core';
import { JOB_FILES } from '@gensyn/ir';
import { join, relative } from 'node:path';
import { GensynCommand } from '../command.js';
import { programOfRun, trainedModel } from '../export-onnx.js';
import { findRun } from '../find-run.js';
import { decimal } from '../flags.js';
import { readSettings } from '../settings.js';
import { skippedLine, storedState } from '../trained-state.js';

export class Sample extends GensynCommand {
  static override summary = 'Let a trained model of characters or bytes write text.';
  static override description =
    'The model comes from the newest checkpoint of the run and runs in plain f32 on the processor. Each token is drawn by how likely the model says it is after ' +
    'those before it, with random numbers that follow from --seed alone: the same machine writes the same text again.';
  static override examples = [
    { description: 'How the whale goes on:', command: '<%= config.bin %> sample --prompt "The whale "' },
    {
      description: 'Bolder, and another text each seed:',
      command: '<%= config.bin %> sample runs/moby-gpt --temperature 1.1 --seed 7 --tokens 1000',
    },
    { description: 'The likeliest text:', command: '<%= config.bin %> sample --temperature 0' },
  ];
  static override args = {
    run: Args.string({ description: 'A run folder, or a job that was run; the newest in runs/ by default.' }),
  };
  static override flags = {
    prompt: Flags.string({ char: 'p', default: '', description: 'What the text begins with.' }),
    tokens: Flags.integer({
      char: 'n',
      min: 1,
      max: 1_000_000,
      default: 500,
      description: 'How many characters or bytes to write.',
    }),
    temperature: Flags.string({
      default: '0.8',
      helpValue: 'number',
      description: '1 draws as the model says, less favours likely tokens, 0 takes the likeliest.',
    }),
    'top-k': Flags.integer({ char: 'k', min: 1, description: 'Draw from this many likeliest tokens only.' }),
    seed: Flags.integer({
      min: 0,
      max: 2 ** 32 - 1,
      default: 0,
      description: 'Of the random numbers.',
    }),
    job: Flags.string({
      helpValue: 'file',
      description: "The job's text, where it imports others; the copy in the run folder by default.",
    }),
    step: Flags.integer({ min: 0, description: 'From the newest checkpoint up to this step.' }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Sample);
    const temperature = decimal(flags.temperature, 'temperature', 100);
    const settings = await readSettings();
    const folder = findRun(args.run, settings);
    const [{ loadJob, openFloatModel }, { textModel }, { encode, decoder }, { continueText }] =
      await Promise.all([
        import('@gensyn/runtime'),
        import('../sample/text-model.js'),
        import('../sample/vocabulary.js'),
        import('../sample/continue-text.js'),
      ]);
    const job = await loadJob(folder);
    const program = await programOfRun(flags.job ?? join(folder, JOB_FILES.source), job.manifest, 1);
    const text = textModel(program, job.manifest);
    const prompt = encode(text, flags.prompt);
    const stored = await storedState(folder, job, flags.step);
    const { step, state, skipped } = stored;
    const warning = skippedLine(stored);
    if (warning !== undefined) this.say(warning);
    const { default: os } = await import('node:os');
    const model = await openFloatModel(
      await trainedModel(program, job.manifest, state),
      settings.threads ?? os.availableParallelism(),
    );
    const { default: chalk } = await import('chalk');
    this.say(chalk.dim(`From step ${step} of ${relative('.', folder) || '.'}:`));
    const shown = decoder(text);
    let written = '';
    const put = (piece: string): void => {
      written += piece;
      if (!this.jsonEnabled()) process.stdout.write(piece);
    };
    if (!this.jsonEnabled()) process.stdout.write(chalk.bold(flags.prompt));
    const { tokens, seed } = flags;
    const choice = { temperature, topK: flags['top-k'] };
    try {
      for await (const token of continueText(text, model, { prompt, tokens, seed, ...choice }))
        put(shown.next(token));
      put(shown.end());
    } finally {
      await model.close();
    }
    if (this.jsonEnabled())
      return { run: folder, step, skipped, prompt: flags.prompt, text: written, tokens, seed, ...choice };
    if (!written.endsWith('\n')) process.stdout.write('\n');
    return undefined;
  }
}
