/** What the R#### codes mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';

export const explanations: readonly Explanation[] = [
  {
    code: 'R0101',
    title: 'There is no compiled job here',
    text: 'A compiled job is a folder with job.json, job.onnx, eval.onnx, init.onnx and a data folder. `gensyn compile job.gml` makes one.',
  },
  {
    code: 'R0102',
    title: 'The manifest is malformed',
    text: 'job.json is read as a file that anybody may have written: every field must be there, of its type and within its limits. The message names the first that is not. Compile the job again.',
  },
  {
    code: 'R0103',
    title: 'The manifest names a file outside the job',
    text: 'Files of a job lie below its folder. Paths with `..`, absolute paths, and links that lead out are refused, so that a job from a stranger cannot make you read other files.',
  },
  {
    code: 'R0104',
    title: 'A file of the job is missing or has the wrong size',
    text: 'The job was copied in part, or the file was cut short or replaced. Copy the whole folder again, or compile the job again.',
  },
  {
    code: 'R0105',
    title: 'The data are not the committed ones',
    text: 'Every column file is bound to the job by its Merkle root. This one has other bytes. Training on it would give weights that nobody else can reproduce. Compile the job again or restore the file. Files checked once are remembered by size and time of change; `--full` checks them anew.',
  },
  {
    code: 'R0106',
    title: 'A graph or the initial state is not the committed one',
    text: 'The manifest binds the training step, the evaluation graph and the initial state by their Merkle roots. The file was changed after compilation. Compile the job again.',
  },
  {
    code: 'R0108',
    title: 'Graph and manifest do not fit',
    text: 'The graph reads state or columns that the manifest does not declare, or of other types. The job was not written by a compiler of this version, or was put together by hand.',
  },
  {
    code: 'R0110',
    title: 'The parts of a job in shards do not fit',
    text: 'A job in shards is a folder with one compiled job for each replica and one for the merge. All replicas train the same network, each on its own slice of the same data, and the whole names the root of every part. A part is missing its counterpart or was compiled from something else. Compile the job again, or copy its folder whole.',
  },
  {
    code: 'R0201',
    title: 'A checkpoint is damaged',
    text: 'The file is not a whole safetensors file with the tensors of this job. It was cut short or changed. A resumed run skips it and goes on from the one before.',
  },
  {
    code: 'R0202',
    title: 'A checkpoint has been changed',
    text: 'The Merkle root of its tensors is not the root recorded when it was written, so at least one bit of the state differs. A resumed run skips it; a verifier rejects it.',
  },
  {
    code: 'R0203',
    title: 'No checkpoint of the run can be used',
    text: 'Every recorded checkpoint is missing, damaged or changed; the notes say which. Start the run anew in another folder.',
  },
  {
    code: 'R0204',
    title: 'The folder holds a run of another job',
    text: 'A run belongs to one job: same graph, data, initial state, seed and schedule. Changing any of these makes another job. Give this run a folder of its own.',
  },
  {
    code: 'R0205',
    title: 'Another run uses the folder',
    text: 'Two runs in one folder would overwrite each other. The lock of a process that died is taken over by itself; that of another machine after ten minutes without a sign of life. To take it over at once, delete the file `lock`.',
  },
  {
    code: 'R0206',
    title: 'A file of the run is damaged',
    text: 'run.json, records.jsonl or proof.json is not what a run writes. A last line cut short by a crash is repaired by itself; anything else was changed later.',
  },
  {
    code: 'R0207',
    title: 'The folder already holds a run',
    text: 'A run is never overwritten. Go on with it by `--resume`, or name another folder.',
  },
  {
    code: 'R0208',
    title: 'The run cannot begin or end there',
    text: 'A run may hold a stretch of a job: from a state that somebody has computed before, over whole checkpoint intervals or up to the last step. A folder holds one such stretch; it is resumed from its own beginning, not from another.',
  },
  {
    code: 'R0301',
    title: 'The device is not there',
    text: 'onnxruntime or the provider for this device cannot be loaded: no adapter, no driver, or no build for this platform. `gensyn doctor` lists what works. Without `--device` the processor is used.',
  },
  {
    code: 'R0302',
    title: 'There is no GPU that computes the right bits',
    text: 'Each GPU provider runs a conformance probe before it may train: every operator on edge cases and random values, compared bit for bit. None is present that passes. `gensyn doctor` shows what each did. Training never falls back to the processor by itself; run without `--gpu` to use it.',
  },
  {
    code: 'R0303',
    title: 'onnxruntime failed',
    text: 'The library refused the model or an operator failed; the note holds its own words. For a job that `gensyn lint` accepts this is a defect of a provider or a driver.',
  },
  {
    code: 'R0304',
    title: 'The device computes other bits',
    text: 'The conformance probe found an operator whose results differ from the definition on this device, so a run on it would not be reproducible. `gensyn doctor` names the operators.',
  },
  {
    code: 'R0401',
    title: 'Training diverged: the state left its range',
    text: 'Each step reports the largest magnitude in the state; it passed the bound below which all arithmetic is proved to stay finite. The step is named and the last checkpoint before it is good. Lower the learning rate, clip the gradient, or warm up.',
  },
  {
    code: 'R0402',
    title: 'Training diverged: the loss is not finite',
    text: 'The loss of the named step is infinite or no number. Lower the learning rate, clip the gradient, or warm up.',
  },
  {
    code: 'R0403',
    title: 'A state lies outside the range of the job',
    text: 'The job declares how large each state tensor may be and on which grid its values lie, and nothing is proved of a step from any other state. No run of the job reaches such a state, so a checkpoint that holds one, with a matching root, is a false claim.',
  },
  {
    code: 'R0501',
    title: 'The disk is full',
    text: 'A checkpoint or record could not be written. Nothing half-written is left; make room and go on with `--resume`. `--keep` limits how many checkpoints stay.',
  },
  {
    code: 'R0502',
    title: 'Not enough memory',
    text: 'State, batches and the values inside a step need more memory than there is. Use a smaller batch, or a machine with more memory.',
  },
  {
    code: 'R0503',
    title: 'A file cannot be written',
    text: 'The run folder cannot be written to; the note says what the system answered.',
  },
  {
    code: 'R0601',
    title: 'There is no such step',
    text: 'Steps are counted from 0 and a job ends at its number of steps.',
  },
  {
    code: 'R0701',
    title: 'A process that trains replicas has ended',
    text: 'With --processes the shards of a round are trained by processes of their own. One of them was killed, often for want of memory, or failed. Nothing is lost but the round: go on with --resume, with fewer processes if memory is short.',
  },
];
