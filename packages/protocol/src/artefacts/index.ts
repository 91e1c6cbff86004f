export { publishJob } from './publish-job.js';
export { fetchJob, fetchManifest, jobLimits, type JobLimits } from './fetch-job.js';
export { publishClaim } from './publish-claim.js';
export { claimStates, fetchClaim, fetchState } from './fetch-claim.js';
export { stateFile, type ClaimRecord, type ClaimRecords, type ExpectedClaim } from './claim-file.js';
export { hasState } from './has-state.js';
export { isUnavailable } from './unavailable.js';
