/** Shows how far some work has come on stderr: one live line on a terminal, a line now and then elsewhere. */
import chalk from 'chalk';
import { isLive, width } from './terminal.js';

export interface Progress {
  /** @param done of `total`; @param facts what is worth knowing besides, most important first */
  update(done: number, total: number, facts: readonly string[]): void;
  /** A line that stays. */
  note(line: string): void;
  /** Removes the live line. */
  stop(): void;
}

const BAR = 24;
/** Elsewhere than on a terminal: a line at each tenth of the way, and whenever this long has passed. */
const SILENCE_MS = 10_000;

/** @param unit what is counted, as in `step 5/10` */
export async function showProgress(unit: string, enabled: boolean): Promise<Progress> {
  if (!enabled) return { update() {}, note() {}, stop() {} };
  return isLive() ? liveLine(unit) : plainLines(unit);
}

async function liveLine(unit: string): Promise<Progress> {
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false, hideCursor: true, color: 'cyan' }).start(
    ' ',
  );
  return {
    update(done, total, facts) {
      const filled = Math.round((BAR * Math.min(done, total)) / Math.max(1, total));
      const bar = chalk.cyan('━'.repeat(filled)) + chalk.dim('━'.repeat(BAR - filled));
      const head = `${unit} ${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')} `;
      let room = width() - head.length - BAR - 6;
      const shown = facts.filter((fact) => (room -= fact.length + 3) >= 0);
      spinner.text = `${head}${bar}  ${shown.join(chalk.dim(' · '))}`;
    },
    note(line) {
      spinner.clear();
      process.stderr.write(`${line}\n`);
      spinner.render();
    },
    stop: () => void spinner.stop(),
  };
}

function plainLines(unit: string): Progress {
  let [tenth, at] = [-1, performance.now()];
  return {
    update(done, total, facts) {
      const now = Math.floor((10 * done) / Math.max(1, total));
      if (now === tenth && performance.now() - at < SILENCE_MS) return;
      [tenth, at] = [now, performance.now()];
      process.stderr.write(`${unit} ${done}/${total}  ${facts.join('  ')}\n`);
    },
    note: (line) => void process.stderr.write(`${line}\n`),
    stop() {},
  };
}
