/** gensyn explain: what an error code means and what to do about it. */
import { Args } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { allExplanations } from '../explanations.js';
import { nearest } from '../nearest.js';

const AREAS: Readonly<Record<string, string>> = {
  D: 'data',
  G: 'graph',
  L: 'language',
  N: 'network',
  R: 'run',
  U: 'usage',
  V: 'verification',
};

export class Explain extends GensynCommand {
  static override summary = 'Tell more about an error code.';
  static override description = 'Without a code all of them are listed.';
  static override examples = [
    { description: 'What is wrong with a float product:', command: '<%= config.bin %> explain G0105' },
    { description: 'All codes:', command: '<%= config.bin %> explain' },
  ];
  static override args = { code: Args.string({ description: 'A code as errors show it, such as G0105.' }) };

  override async run(): Promise<unknown> {
    const { args } = await this.parse(Explain);
    const all = await allExplanations();
    const { default: chalk } = await import('chalk');
    if (args.code === undefined) {
      if (this.jsonEnabled()) return { explanations: all };
      let area = '';
      for (const { code, title } of all) {
        if (code[0] !== area)
          this.log(`${area === '' ? '' : '\n'}${chalk.bold(AREAS[(area = code[0]!)] ?? area)}`);
        this.log(`  ${chalk.cyan(code)}  ${title}`);
      }
      return undefined;
    }
    const wanted = args.code.toUpperCase();
    const found = all.find(({ code }) => code === wanted);
    if (!found) {
      const close = nearest(
        wanted,
        all.map(({ code }) => code),
      );
      throw new GensynError('U0401', `there is no code ${args.code}`, {
        help: `${close === undefined ? '' : `did you mean ${close}? `}\`gensyn explain\` lists all codes`,
      });
    }
    const { code, title, text } = found;
    if (this.jsonEnabled()) return { code, title, text };
    this.log(`${chalk.cyan(code)} ${chalk.bold(title)}\n\n${wrap(text, 96)}`);
    return undefined;
  }
}

function wrap(text: string, most: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > most && line !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
