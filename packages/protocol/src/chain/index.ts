export type { ContractCall, MarketClient } from './market-client.js';
export { accountOf, openMarket, type MarketOptions } from './open-market.js';
export { refusal, RefusedError, type Refusal } from './refusal.js';
export * from './status.js';
export * from './records.js';
export {
  challenges,
  claims,
  openTasks,
  readChallenge,
  readClaim,
  readCommitment,
  readDuty,
  readReward,
  readSeat,
  readTask,
  readValues,
  sameAddress,
  seats,
  tasks,
  type ClaimFilter,
  type TaskFilter,
} from './read-records.js';
export { asksTooMuch, events, type EventRange, type MarketEvent } from './events.js';
export { claimArtefacts, committeeOf, jobArtefacts, textOf } from './artefacts-of.js';
export { readDemand, type Demand } from './read-demand.js';
export { readGame, type Game, type Moved } from './read-game.js';
export { deposit, fund, moneyOf, withdraw, type Money } from './money.js';
export { allIn, settled } from './settled.js';
export { parseTokens, plainTokens, tokens } from './tokens.js';
export {
  entriesOf,
  parseSelection,
  readSelection,
  selectStates,
  wireAll,
  type ProvenState,
  type SeenSelection,
  type Selection,
  type Wire,
} from './selection.js';
export { submitTask, submittedBefore, type Submitted, type SubmitRequest } from './submit-task.js';
export { claimReport, taskReport, type ClaimReport, type TaskReport } from './task-report.js';
export { settleDue, type Settled, type SettleOptions } from './settle-due.js';
export { marketHistory, type Deal, type MarketHistory, type MarketPoint } from './market-history.js';
export {
  carryOn,
  openGovernance,
  proposals,
  propose,
  vote,
  type Governance,
  type Proposal,
  type Support,
} from './governance.js';
