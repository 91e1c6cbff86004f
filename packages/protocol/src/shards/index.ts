export { driveShards, type ShardsEvent, type ShardsRequest } from './drive-shards.js';
export { taskName, type RoundTask } from './round-task.js';
