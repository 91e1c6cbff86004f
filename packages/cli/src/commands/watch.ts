/** gensyn watch: replays claims unbidden, and challenges what is wrong. */
import { GensynCommand } from '../command.js';
import { demandFlags, demandOptions } from '../demand-flags.js';
import { fraction } from '../flags.js';
import { jsonLine, looseSample, onStage, partyOf, roleFlags } from '../role-command.js';

export class Watch extends GensynCommand {
  static override summary = 'Replay what others have proven, and challenge what is wrong.';
  static override description =
    'A whistleblower: replays every proven claim, dearest first, and the attestations to it; puts up a bond against what is wrong, plays the game down to one value, ' +
    'demands a piece of what was delivered to nobody, and earns a share of the stake that falls. It may be killed at any moment and started again.';
  static override examples = [
    { description: 'Everything:', command: '<%= config.bin %> watch --account me' },
    { description: 'A tenth of the claims:', command: '<%= config.bin %> watch --sample 10%' },
  ];
  static override flags = { sample: looseSample, ...demandFlags(), ...roleFlags };

  protected override logJson(document: unknown): void {
    jsonLine(document);
  }

  override async run(): Promise<unknown> {
    const { flags } = await this.parse(Watch);
    const { openWhistleblower, parseTokens, playRole } = await import('@gensyn/protocol');
    const options = {
      ...(flags.sample === undefined ? {} : { sample: fraction(flags.sample, 'sample') }),
      ...demandOptions(flags, parseTokens),
    };
    const json = this.jsonEnabled();
    await onStage(flags, (stage) =>
      playRole('whistleblower', partyOf(stage, json), (...all) => openWhistleblower(...all, options)),
    );
    return { ended: true };
  }
}
