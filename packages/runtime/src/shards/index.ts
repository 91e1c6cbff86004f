export { loadShards, roundSteps, type ShardsJob } from './shards-job.js';
export { openReplicas, type Replicas, type Stretch, type Stretched } from './replica.js';
export { openMerger, type Merger } from './merger.js';
export { readShardsProof } from './shards-proof.js';
export { trainShards, type TrainShardsOptions } from './train-shards.js';
export { makeShardsReplayer, type RunShardsReplayer } from './shards-replayer.js';
