/** What the codes of a verification mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';

export const explanations: readonly Explanation[] = [
  {
    code: 'V0101',
    title: 'The proof is of another job',
    text: 'A proof names the job that it is of by one digest over the graph, the data, the initial state, seed, batch, steps and checkpoint interval. Verify it with the job that it was made for.',
  },
  {
    code: 'V0102',
    title: 'The proof has no valid form',
    text: 'A proof is a list of records, the first of step 0; each has a step, a state root of 64 hex digits, a cursor, a time in whole milliseconds and, from the first interval on, a loss that is a binary32.',
  },
  {
    code: 'V0103',
    title: 'The proof root is not that of the records',
    text: 'The proof root is the Merkle root over the digests of all records, in order. A record was changed after the root was made, or the root was made up.',
  },
  {
    code: 'V0104',
    title: 'The records are not of the steps that are due',
    text: 'A run has records of step 0, of every multiple of the checkpoint interval, and of the last step, in that order: none left out, none added, none exchanged. Which segments exist is then fixed before anybody trains.',
  },
  {
    code: 'V0105',
    title: 'The run stops early',
    text: 'The last record is not of the last step of the job. A run that was interrupted can be continued with `gensyn run --resume`.',
  },
  {
    code: 'V0106',
    title: 'The cursor does not fit the step',
    text: 'The cursor is the position in the stream of samples, so it is the step times the batch size. Another value means that batches were skipped or repeated.',
  },
  {
    code: 'V0107',
    title: 'A loss or time of the records makes no sense',
    text: 'Every record but the first has the loss of its last step, unless the job predicts and none has one, and times never decrease. Times are used only to report the cost of verification.',
  },
  {
    code: 'V0108',
    title: 'The job commits to another initial state than it describes',
    text: 'The initial state follows from the seed and the declared initial values, so everybody can compute it. The root in the job (job.json) is not the root of that state: the job file was changed.',
  },
  {
    code: 'V0109',
    title: 'The run does not start from the initial state of the job',
    text: 'The first record must hold the root of the initial state, which everybody can compute from the job. A run that starts from other weights was not trained as the job says.',
  },
  {
    code: 'V0110',
    title: 'The parts of a run in shards do not make rounds',
    text: 'Each shard has one record for every merge, of the step before it. A record is missing, of another step, or without a loss. The proof was put together wrongly.',
  },
  {
    code: 'V0201',
    title: 'A segment ends in another state than claimed',
    text: 'Replaying the segment from the stored checkpoint before it gives another state root than the record claims. A canonical job has one right result on every machine, so the claim is wrong: the steps were not computed as the job says, or the record was changed.',
  },
  {
    code: 'V0202',
    title: 'A segment ends with another loss than claimed',
    text: 'The loss of the last step of the segment is not the one recorded, to the last bit. Where the state root matches, the weights are right and only the report of the loss is not.',
  },
  {
    code: 'V0203',
    title: 'A segment cannot be replayed: its checkpoint is missing',
    text: 'Replaying starts from the stored state at the beginning of the segment. That file is missing or damaged, or it is not the state that the record commits to. This proves nothing about the training; ask the owner of the run for the checkpoint. Long runs keep only their newest checkpoints unless told otherwise (`gensyn run --keep all`).',
  },
  {
    code: 'V0204',
    title: 'The claimed state is outside the job, or leads there',
    text: 'The checkpoint at the start of the segment holds values that no state of the job can have, or replaying drives the state beyond the bound of the job or the loss to no number, where the run claims an ordinary one. The claim is wrong.',
  },
  {
    code: 'V0205',
    title: 'A merge gives another state than claimed',
    text: 'The states that the shards reached were merged again, and the state that the run claims to go on from is another one. Either the merge was not computed, or one of the states that it took was not what the shard reached. The claim is wrong.',
  },
  {
    code: 'V0301',
    title: 'The sample is no fraction',
    text: 'A sample is a fraction of the segments from 0 to 1 (0% to 100%), rounded up to at least one segment.',
  },
  {
    code: 'V0302',
    title: 'There is no such segment',
    text: 'Segments are counted from 1; segment k leads from record k - 1 to record k. `gensyn verify` prints how many a run has.',
  },
  {
    code: 'V0303',
    title: 'The choice of segments is ambiguous',
    text: 'Segments are drawn (--sample, with --seed to repeat a draw), named (--segments) or all (--all): one of the three.',
  },
];
