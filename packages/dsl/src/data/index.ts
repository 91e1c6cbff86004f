/** Data: from the files a job names to canonical columns with their Merkle roots. */
export { prepareDataset, type PrepareOptions } from './prepare.js';
export { storageBytes, type PreparedColumn, type PreparedDataset, type Storage } from './prepared.js';
export { systemDataDirs } from './source-file.js';
export { dataExplanations } from './explanations.js';
