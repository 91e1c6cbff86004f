/** Whether the tasks of a job in shards can be posted at all: said before the first one is. */
import { GensynError, type Manifest, type StateEntry } from '@gensyn/ir';
import type { ShardsJob } from '@gensyn/runtime';
import { selectStates, type ProvenState } from '../chain/index.js';
import { MOST_GAS } from '../chain/send-transaction.js';
import { wiresOfMerge } from './round-task.js';

/** What pools of nodes take, less than the rest of a submission needs. */
const MOST_BYTES = 128 * 1024 - 4096;
/** Measured with 100 to 600 entries: 10,060 gas for each, and 215,000. */
const GAS_OF_ENTRY = 10_500n;
const GAS = 250_000n;

/** Errors: N0415 where a merge, the largest of the tasks, does not fit into a transaction. */
export function checkFits({ shards, merge }: Pick<ShardsJob, 'shards' | 'merge'>): void {
  const replicas = shards.map(({ manifest }, task): ProvenState => ({ task, entries: blank(manifest) }));
  const { opened, wiring } = selectStates(replicas, wiresOfMerge(merge.manifest, replicas));
  const bytes = (opened.length + wiring.length) / 2;
  const entries = merge.manifest.state.length;
  const gas = GAS + GAS_OF_ENTRY * BigInt(entries);
  if (bytes <= MOST_BYTES && gas <= MOST_GAS) return;
  const sizes = `${Math.ceil(bytes / 1024)} KiB and ${gas} gas`;
  throw new GensynError(
    'N0415',
    `a merge of ${shards.length} shards opens ${entries} tensors, which takes about ${sizes}: too much for a transaction`,
    { help: 'take fewer shards, or an optimiser that keeps less for each weight' },
  );
}

const blank = ({ state }: Manifest): StateEntry[] =>
  state.map(({ name, dtype, shape }) => ({ name, dtype, shape, root: new Uint8Array(32) }));
