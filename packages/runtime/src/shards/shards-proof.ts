/** The proof of learning of a run in shards: the records of its merges and of every replica, and one root over them. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GensynError,
  canonicalJson,
  jobRoot,
  shardsProofRoot,
  type CheckpointRecord,
  type Manifest,
} from '@gensyn/ir';
import { RUN_FILES } from '../run/run-directory.js';
import { writeFileAtomic } from '../run/write-file.js';

const SHARDS_PROOF = 'gensyn-shards-proof/1';

/** What the owner of a run in shards claims. Errors: R0206 when the proof is missing or malformed. */
export function readShardsProof(folder: string): {
  readonly job: string;
  readonly root: string;
  readonly records: CheckpointRecord[];
  readonly shards: CheckpointRecord[][];
} {
  try {
    const proof = JSON.parse(fs.readFileSync(path.join(folder, RUN_FILES.proof), 'utf8')) as {
      format: string;
    } & ReturnType<typeof readShardsProof>;
    if (
      proof.format === SHARDS_PROOF &&
      typeof proof.job === 'string' &&
      shardsProofRoot(proof.records, proof.shards) === proof.root
    )
      return proof;
  } catch (cause) {
    throw new GensynError('R0206', `${RUN_FILES.proof} of the run is missing or damaged`, { cause });
  }
  throw new GensynError('R0206', `the root in ${RUN_FILES.proof} is not that of its records`);
}

/** Writes proof.json of a run in shards. Returns its root, hex. Errors: R0501, R0503. */
export function writeShardsProof(
  folder: string,
  manifest: Manifest,
  records: readonly CheckpointRecord[],
  shards: readonly (readonly CheckpointRecord[])[],
): string {
  const root = shardsProofRoot(records, shards);
  const proof = { format: SHARDS_PROOF, job: jobRoot(manifest), root, records, shards };
  writeFileAtomic(path.join(folder, RUN_FILES.proof), [Buffer.from(`${canonicalJson(proof)}\n`)]);
  return root;
}
