/** What a data file holds, and the `data` block that a job could begin with. */
export { describeFile, type DescribeOptions } from './describe-file.js';
export type { ArrayDescription, FieldDescription, FileDescription, TextDescription } from './description.js';
export type { Tally } from './tally.js';
