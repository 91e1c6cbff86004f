/** Replays parts of a run in shards from its stored states: what a verifier needs of a machine. */
import path from 'node:path';
import { initialState, rootsOf, shardFolder, type CheckpointRecord } from '@gensyn/ir';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { installFastHash } from '../commit/hash.js';
import type { Device } from '../device/device.js';
import { openMerger } from './merger.js';
import { openReplicas } from './replica.js';
import type { ShardsJob } from './shards-job.js';

/** Structurally the verifier's `ShardsReplayer`. */
export interface RunShardsReplayer {
  readonly device: string;
  /** Root of the state before the first step, recomputed from the job alone, hex. */
  initialRoot(): Promise<string>;
  /** Runs a replica from the stored merged state of record `from` to step `to`. Errors: R0201, R0202, R0401 to R0403. */
  replay(
    shard: number,
    from: CheckpointRecord,
    to: number,
    progress?: (step: number) => void,
  ): Promise<{ stateRoot: string; loss: number; milliseconds: number }>;
  /** Merges the stored states of the shards' records. Errors: R0201, R0202, R0403. */
  merge(records: readonly CheckpointRecord[]): Promise<{ stateRoot: string; milliseconds: number }>;
  close(): Promise<void>;
}

/** @param runFolder with the states; only read */
export function makeShardsReplayer(job: ShardsJob, runFolder: string, device: Device): RunShardsReplayer {
  const { manifest, given } = job.whole;
  const replicas = openReplicas(job.shards, device);
  const merger = openMerger(job.merge, device);
  return {
    device: device.name,
    async initialRoot() {
      await installFastHash();
      return rootsOf(initialState(manifest, given)).root;
    },
    async replay(shard, from, to, progress) {
      await installFastHash();
      const state = readCheckpoint(runFolder, manifest, from, given);
      const began = performance.now();
      const stretch = { shard, from: from.step, to, time: 0 };
      const { record } = (await replicas.run(state, stretch, ({ steps }) => progress?.(from.step + steps)))!;
      return { stateRoot: record.stateRoot, loss: record.loss!, milliseconds: performance.now() - began };
    },
    async merge(records) {
      await installFastHash();
      const began = performance.now();
      const states = records.map((record, shard) =>
        readCheckpoint(path.join(runFolder, shardFolder(shard)), job.shards[shard]!.manifest, record),
      );
      const merged = await merger.merge(states, records[0]!.step);
      return { stateRoot: rootsOf(merged).root, milliseconds: performance.now() - began };
    },
    async close() {
      await replicas.close();
      await merger.close();
    },
  };
}
