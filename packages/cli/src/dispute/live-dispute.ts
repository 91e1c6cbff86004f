/** Shows a dispute while it is played, on stderr: one picture that is drawn over itself on a terminal, a line for each event elsewhere. */
import type { DisputeRecord } from '@gensyn/protocol';
import { count } from '../words.js';
import { isLive, width } from '../terminal.js';
import { descentRows } from './descent-rows.js';
import { disputeLines } from './dispute-lines.js';
import { leavesInDispute } from './level-words.js';
import { printable } from './printable.js';
import { headline, sidesOf } from './story.js';

export interface LiveDispute {
  /** Shows what is new in the record; the same record again shows nothing. */
  update(record: DisputeRecord): void;
  /** Leaves the last picture where it is. */
  stop(): void;
}

export interface LiveOptions {
  /** False with --json: nothing is shown. */
  readonly enabled?: boolean;
  /** Where it goes; stderr unless told. */
  readonly out?: { write(text: string): unknown };
  readonly live?: boolean;
  readonly columns?: number;
}

export function showDispute(options: LiveOptions = {}): LiveDispute {
  const { enabled = true, out = process.stderr, live = isLive() } = options;
  if (!enabled) return { update() {}, stop() {} };
  const write = (text: string): void => void out.write(text);
  return live ? redrawn(write, options.columns) : plainLines(write);
}

/** The clock of whoever has to move runs on between two records. */
const TICK_MS = 1000;

function redrawn(write: (text: string) => void, columns: number | undefined): LiveDispute {
  let drawn = 0;
  let shown: { record: DisputeRecord; at: number } | undefined;
  const draw = (): void => {
    if (!shown) return;
    const waited = shown.record.verdict ? 0 : (performance.now() - shown.at) / 1000;
    const lines = disputeLines(shown.record, columns ?? width(), waited);
    const back = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : '';
    write(`${back}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, TICK_MS);
  timer.unref();
  return {
    update(record) {
      shown = { record, at: performance.now() };
      draw();
    },
    stop() {
      clearInterval(timer);
      shown = undefined;
    },
  };
}

function plainLines(write: (text: string) => void): LiveDispute {
  let [moves, found, ended] = [0, 0, false];
  return {
    update(record) {
      const sides = sidesOf(record);
      for (const move of record.moves.slice(moves)) {
        const played = move.number === 0 ? 'opens' : `move ${move.number}`;
        write(
          `${played.padEnd(8)} ${sides[move.side].padEnd(10)} ${leavesInDispute(move)}, ${count(move.gas)} gas\n`,
        );
      }
      moves = record.moves.length;
      const rows = descentRows(record).filter(({ state }) => state === 'found');
      for (const { level, label, from } of rows.slice(found)) {
        const { operator } = record.disputed;
        const source =
          level === 'operator' && operator?.source !== undefined
            ? `  ${printable(operator.source.trim(), 100)}`
            : '';
        write(`found    ${printable(label ?? `${level} ${from + 1}`)}${source}\n`);
      }
      found = rows.length;
      if (record.verdict && !ended) write(`${headline(record)}\n`);
      ended = record.verdict !== undefined;
    },
    stop() {},
  };
}
