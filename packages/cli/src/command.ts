/** What all commands share: --json, --no-color, errors in the project's form. */
import { Command, Flags } from '@oclif/core';
import { toJson } from './json.js';
import { reportError } from './report-error.js';

export abstract class GensynCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    'no-color': Flags.boolean({ description: 'Plain text without colours.', helpGroup: 'GLOBAL' }),
  };

  protected override async catch(error: Error): Promise<void> {
    await reportError(error, { json: this.jsonEnabled(), command: this.id });
  }

  protected override logJson(document: unknown): void {
    process.stdout.write(toJson(document));
  }

  /** Says something about the work on stderr; silent with --json. */
  protected say(line: string): void {
    if (!this.jsonEnabled()) process.stderr.write(`${line}\n`);
  }
}
