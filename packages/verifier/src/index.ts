export * from './replayer.js';
export * from './finding.js';
export * from './report.js';
export { checkProof, recordStep } from './check-proof.js';
export { drawSegments, sampleSize } from './select-segments.js';
export { verifyRun, type VerifyOptions, type VerifyProgress } from './verify-run.js';
export * from './verify-shards.js';
export { explanations } from './explanations.js';
