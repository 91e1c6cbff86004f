/** What a market consists of and in which order it is deployed: every address follows from the code and these settings. */
import type { Step } from '../deploy/deploy.js';

/** `Values` of Parameters.sol: amounts in the token's smallest unit, shares in parts per million, times in seconds. */
export interface MarketValues {
  readonly minStake: bigint;
  readonly seatStake: bigint;
  readonly demandFee: bigint;
  readonly stakeShare: number;
  readonly bondShare: number;
  readonly feeShare: number;
  readonly winnerShare: number;
  readonly burnShare: number;
  readonly bonusShare: number;
  readonly idleShare: number;
  readonly committee: number;
  readonly commitTime: number;
  readonly revealTime: number;
  readonly challengeTime: number;
  readonly clock: number;
  readonly seedDelay: number;
}

export interface MarketSettings {
  /** Gets the whole supply, and names the council of the timelock, once. */
  readonly founder: string;
  readonly supply: bigint;
  readonly values: MarketValues;
  /** Seconds that a decision waits, a proposal waits, a vote takes; votes that a proposer needs. */
  readonly governance: {
    readonly wait: number;
    readonly delay: number;
    readonly period: number;
    readonly threshold: bigint;
  };
}

const TOKEN = 10n ** 18n;

/** For a chain on one machine: windows of a minute, and stakes that a test can pay. */
export const devnetValues: MarketValues = {
  minStake: 10n * TOKEN,
  seatStake: 50n * TOKEN,
  demandFee: TOKEN / 5n,
  stakeShare: 1_000_000,
  bondShare: 500_000,
  feeShare: 100_000,
  winnerShare: 300_000,
  burnShare: 400_000,
  bonusShare: 100_000,
  idleShare: 100_000,
  committee: 3,
  commitTime: 60,
  revealTime: 60,
  challengeTime: 60,
  clock: 600,
  seedDelay: 1,
};

/** For `deployAll`. After it, the founder has to call `appoint(Council)` on the Timelock. */
export function marketSteps({ founder, supply, values, governance }: MarketSettings): readonly Step[] {
  const { wait, delay, period, threshold } = governance;
  return [
    { name: 'GensynToken', args: () => [founder, supply] },
    { name: 'Timelock', args: () => [wait, founder] },
    { name: 'Council', args: (at) => [at['GensynToken'], at['Timelock'], delay, period, threshold] },
    { name: 'Parameters', args: (at) => [at['Timelock'], values] },
    { name: 'Referee' },
    { name: 'GraphReferee', args: (at) => [at['Referee']] },
    { name: 'Pinpoint', args: (at) => [at['GraphReferee']] },
    { name: 'Selections' },
    {
      name: 'TaskMarket',
      args: (at) => [at['GensynToken'], at['Parameters'], at['Pinpoint'], at['Selections']],
    },
  ];
}
