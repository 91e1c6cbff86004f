/** gensyn solve: takes tasks of the market, trains them, proves and defends the work. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { jsonLine, onStage, partyOf, roleFlags } from '../role-command.js';

export class Solve extends GensynCommand {
  static override summary = 'Take tasks of the market, train them, and be paid.';
  static override description =
    'Looks through the open tasks, takes the one that pays best for the time of this machine, trains it, delivers checkpoints, proves the result and answers every challenge; ' +
    'then the next. With a task it takes that one only, and ends when its claim has ended. It may be ended or killed at any moment and started again: it reads the chain and goes on.';
  static override examples = [
    { description: 'Whatever pays best:', command: '<%= config.bin %> solve --account me' },
    {
      description: 'One task, if it pays at least 2 tokens for a billion operations:',
      command: '<%= config.bin %> solve 7 --min-price 2',
    },
    {
      description: 'A liar, to see it caught, on a local chain:',
      command: '<%= config.bin %> solve 2 --cheat operator --account devnet:5',
    },
  ];
  static override args = {
    task: Args.integer({ description: 'Number of a task.' }),
  };
  static override flags = {
    task: Flags.integer({
      min: 1,
      helpValue: 'number',
      description: 'The same as the argument.',
      hidden: true,
    }),
    once: Flags.boolean({ description: 'End when one claim has ended.' }),
    'min-price': Flags.string({
      helpValue: 'tokens',
      description: 'Least reward for a billion scalar operations.',
    }),
    'max-memory': Flags.integer({
      min: 1,
      helpValue: 'MiB',
      description: 'Leave tasks alone that need more memory.',
    }),
    cheat: Flags.string({
      helpValue: 'kind[:place],...',
      description:
        'On a local chain only: lie, one kind for each claim in turn: weight, batch, initial, skip, operator, partial, stale, withhold, silence, garbage, replay, or none.',
    }),
    ...roleFlags,
  };

  protected override logJson(document: unknown): void {
    jsonLine(document);
  }

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Solve);
    const task = args.task ?? flags.task;
    if (task !== undefined && task < 1) throw new GensynError('U0105', `task ${task}: tasks count from 1`);
    const { openSolver, parseCheats, parseTokens, playRole } = await import('@gensyn/protocol');
    const cheats = flags.cheat === undefined ? undefined : parseCheats(flags.cheat);
    const minPrice = flags['min-price'] === undefined ? undefined : parseTokens(flags['min-price']);
    const options = {
      once: flags.once || task !== undefined,
      ...(task === undefined ? {} : { task }),
      ...(minPrice === undefined ? {} : { minPrice }),
      ...(flags['max-memory'] === undefined ? {} : { maxMemory: flags['max-memory'] * 2 ** 20 }),
      ...(cheats === undefined ? {} : { cheats }),
    };
    const json = this.jsonEnabled();
    await onStage(flags, (stage) =>
      playRole('solver', partyOf(stage, json), (...all) => openSolver(...all, options)),
    );
    return { ended: true };
  }
}
