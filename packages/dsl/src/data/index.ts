/** Data: from the files a job names to canonical columns with their Merkle roots. */
export { prepareDataset, type PrepareOptions } from './prepare.js';
export { storageBytes, type PreparedColumn, type PreparedDataset, type Storage } from './prepared.js';
export { systemDataDirs } from './source-file.js';
export { dataExplanations } from './explanations.js';
export {
  convertImages,
  FITS,
  type ConvertedImages,
  type Fit,
  type ImageOptions,
  type Size,
} from './images/index.js';
export {
  describeFile,
  type ArrayDescription,
  type FieldDescription,
  type FileDescription,
  type Tally,
} from './show/index.js';
