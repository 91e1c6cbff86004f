/** Whether output is coloured, decided once and before any module that colours is loaded. */

/** Sets the variables that chalk, ora and oclif look at, so that all of them agree. */
export function settleColour(argv: readonly string[]): void {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const refused =
    options.includes('--no-color') ||
    options.includes('--json') ||
    (NO_COLOR !== undefined && NO_COLOR !== '') ||
    TERM === 'dumb';
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  if (refused || (!forced && !(process.stdout.isTTY && process.stderr.isTTY))) {
    process.env['NO_COLOR'] = '1';
    process.env['FORCE_COLOR'] = '0';
  }
}

export function isColoured(): boolean {
  return process.env['FORCE_COLOR'] !== '0';
}

/** Whether a line on stderr can be written over. Terminals that do not know their width (0 columns) cannot tell where it ends. */
export function isLive(): boolean {
  return (
    process.stderr.isTTY === true &&
    process.stderr.columns >= 20 &&
    process.env['TERM'] !== 'dumb' &&
    process.env['CI'] === undefined
  );
}

export function width(): number {
  return Math.max(40, Math.min(process.stderr.columns || 80, 120));
}
