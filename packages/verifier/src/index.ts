export * from './replayer.js';
export * from './finding.js';
export * from './report.js';
export { checkProof, recordStep } from './check-proof.js';
export { drawSegments, sampleSize } from './select-segments.js';
export * from './verify-run.js';
export { explanations } from './explanations.js';
