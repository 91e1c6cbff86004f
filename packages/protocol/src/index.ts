export * from './devnet/index.js';
export { contractAt } from './contracts/contract-at.js';
export { addressOf, FACTORY } from './deploy/factory.js';
export {
  deploy,
  deployAll,
  deployCode,
  deployedAddress,
  type Code,
  type Deployed,
  type Step,
} from './deploy/deploy.js';
export * from './market/index.js';
export * from './pinpoint/index.js';
export * from './artefacts/index.js';
export * from './storage/index.js';
export * from './witness/index.js';
export * from './account/index.js';
export * from './chain/index.js';
export * from './roles/index.js';
export * from './shards/index.js';
export * from './referee/index.js';
export { explanations } from './explanations.js';
// The referee has a Claim and a refusal too: of one scalar.
export { refusal, type Claim } from './chain/index.js';
