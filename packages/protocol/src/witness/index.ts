export * from './attestation.js';
export {
  FAULT_KINDS,
  faulty,
  randomFault,
  type Fault,
  type FaultKind,
  type Liar,
  type Planted,
} from './faults.js';
export { garbageWitness, type GarbageRun } from './garbage-witness.js';
export * from './job-witness.js';
export * from './judge-proof.js';
export * from './players.js';
export * from './registered.js';
export * from './states.js';
