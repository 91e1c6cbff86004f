/** Dispatch: finds the command that the arguments name, shows help, and never lets an exception out. */
import { Config, Help } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { COMMANDS } from './commands/index.js';
import { nearest } from './nearest.js';
import { PACKAGE_ROOT } from './package-root.js';
import { reportError } from './report-error.js';
import { settleColour } from './terminal.js';

const HELP = new Set(['--help', '-h']);

/** Runs a command line and leaves the exit code in `process.exitCode`. */
export async function run(argv: readonly string[]): Promise<void> {
  settleColour(argv);
  quietPipes();
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  try {
    const config = await Config.load(PACKAGE_ROOT);
    const help = () => new Help(config, { maxWidth: 100 });
    const id = argv.find((arg) => !arg.startsWith('-'));
    const rest = argv.filter((_, i) => i !== argv.indexOf(id ?? ''));
    if (id === undefined) {
      const unknown = options.find((arg) => !HELP.has(arg) && arg !== '--json' && arg !== '--no-color');
      if (unknown !== undefined) {
        throw new GensynError('U0101', `unknown option ${unknown}`, {
          help: 'options follow a command: gensyn <command> [options]; `gensyn --help` lists the commands',
        });
      }
      await help().showHelp([]);
    } else if (id === 'help') {
      const topic = rest.find((arg) => !arg.startsWith('-'));
      await help().showHelp(topic === undefined ? [] : [known(topic)]);
    } else if (options.some((arg) => HELP.has(arg))) {
      await help().showHelp([known(id)]);
    } else {
      await COMMANDS[known(id)].run(rest, config);
    }
  } catch (error) {
    await reportError(error, { json: options.includes('--json') });
  }
}

function known(id: string): keyof typeof COMMANDS {
  if (Object.hasOwn(COMMANDS, id)) return id as keyof typeof COMMANDS;
  const names = [...Object.keys(COMMANDS), 'help'];
  const close = nearest(id, names);
  throw new GensynError('U0102', `unknown command '${id}'`, {
    help: close === undefined ? `the commands are ${names.join(', ')}` : `did you mean 'gensyn ${close}'?`,
  });
}

/** A reader that stops early (`gensyn inspect | head`) is no error. */
function quietPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
}
