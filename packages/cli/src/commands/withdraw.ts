/** gensyn withdraw: money out of the market. */
import { Args } from '@oclif/core';
import { GensynCommand } from '../command.js';
import { accountFlags, chainFlags, marketSettings, openMarketWith } from '../market-flags.js';

export class Withdraw extends GensynCommand {
  static override summary = 'Take tokens out of the market into the wallet.';
  static override description =
    'Rewards, fees, refunds and stakes that are free again are credited in the market; only their owner moves them, by this.';
  static override examples = [
    { description: 'Everything that is free:', command: '<%= config.bin %> withdraw' },
    { description: 'A part:', command: '<%= config.bin %> withdraw 12.5 --account solver' },
  ];
  static override args = {
    amount: Args.string({ description: 'How many tokens; `all` by default.' }),
  };
  static override flags = { ...accountFlags, ...chainFlags };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Withdraw);
    const { moneyOf, parseTokens, tokens, withdraw } = await import('@gensyn/protocol');
    const amount = args.amount === undefined || args.amount === 'all' ? undefined : parseTokens(args.amount);
    const client = await openMarketWith(await marketSettings(flags), flags, { acts: true });
    try {
      const withdrawn = await withdraw(client, amount);
      const money = await moneyOf(client, client.account!);
      if (this.jsonEnabled()) return { account: client.account, withdrawn, ...money };
      this.log(
        withdrawn === 0n
          ? 'Nothing is free in the market.'
          : `${tokens(withdrawn)} withdrawn; the wallet has ${tokens(money.wallet)}.`,
      );
      return undefined;
    } finally {
      await client.close();
    }
  }
}
