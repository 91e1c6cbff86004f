/** gensyn settle: says what time has decided. */
import { Args } from '@oclif/core';
import { GensynCommand } from '../command.js';
import { accountFlags, chainFlags, marketSettings, openMarketWith } from '../market-flags.js';

export class Settle extends GensynCommand {
  static override summary = 'Carry out what time has decided: for a task, or for all.';
  static override description =
    'Draws committees, stops claims whose time is over, ends games of players without time, resolves challenges, settles claims, releases seats and closes tasks after their deadline. ' +
    'Anybody may do so; the roles do it for what concerns them. It costs gas, and nobody is paid for it.';
  static override examples = [
    { description: 'For task 3:', command: '<%= config.bin %> settle 3 --account solver' },
    { description: 'For all tasks:', command: '<%= config.bin %> settle' },
  ];
  static override args = {
    task: Args.integer({ min: 1, description: 'Number of a task; all by default.' }),
  };
  static override flags = { ...accountFlags, ...chainFlags };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Settle);
    const { settleDue } = await import('@gensyn/protocol');
    const client = await openMarketWith(await marketSettings(flags), flags, { acts: true });
    try {
      const done = await settleDue(client, { task: args.task, tell: (what) => this.say(`${what} ...`) });
      if (this.jsonEnabled()) return { done };
      if (done.length === 0) this.log('There is nothing to be done.');
      for (const { what, gas } of done) this.log(`${what}: done, ${gas.toLocaleString('en-US')} gas`);
      return undefined;
    } finally {
      await client.close();
    }
  }
}
