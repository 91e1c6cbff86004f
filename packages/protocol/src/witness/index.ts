export * from './attestation.js';
export * from './job-witness.js';
export * from './judge-proof.js';
export * from './registered.js';
export * from './states.js';
