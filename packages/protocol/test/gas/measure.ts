/** Everything that has a ceiling of gas. `npm run gas` prints the figures; a test asserts the ceilings. */
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { arithmetic } from './arithmetic.js';
import { demandGas } from './demand.js';
import { marketGas } from './market.js';
import { refereeGas } from './referee.js';

export interface Figure {
  readonly name: string;
  /** The most that was measured. */
  readonly gas: number;
  readonly ceiling: number;
  /** What was measured, for instance the operands that cost most. */
  readonly of: string;
}

/** One entry for each group of figures. */
export const MEASUREMENTS: Readonly<Record<string, (devnet: Devnet) => Promise<readonly Figure[]>>> = {
  arithmetic,
  'checks of the referee': refereeGas,
  'calls of the market': marketGas,
  'answers to demands': demandGas,
};
