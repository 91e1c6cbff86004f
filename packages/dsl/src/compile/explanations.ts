/** What the compiler's own codes mean. */
import type { Explanation } from '@gensyn/ir';

export const compileExplanations: readonly Explanation[] = [
  {
    code: 'L0001',
    title: 'The job cannot be read',
    text: 'The file named on the command line does not exist or is not readable. `gensyn init` makes a new job.',
  },
  {
    code: 'L0002',
    title: 'A result cannot be written',
    text: 'The output folder is not writable or the disk is full. Nothing incomplete is left under the final names.',
  },
  {
    code: 'L0901',
    title: 'No derivative',
    text: 'The loss depends on a weight only through a function that has no derivative, such as a comparison. Use a differentiable function.',
  },
  {
    code: 'L0902',
    title: 'A value cannot be proved canonical',
    text: 'The compiler proves that no value can overflow, become subnormal or be undefined, for any weights within their range. Here the proof fails even after clamping. Scale the values down or normalise them first.',
  },
  {
    code: 'L0903',
    title: 'No canonical lowering',
    text: 'This operator has no exact form yet. It is a defect if a library function leads to it.',
  },
  {
    code: 'L0904',
    title: 'The compiled graph is not canonical',
    text: "The independent check of the compiler's own output failed. This is a defect of the compiler: please report it with the job.",
  },
  { code: 'L0905', title: 'A weight is missing', text: 'The state given for export belongs to another job.' },
  {
    code: 'L0822',
    title: 'Data that does not fit a network',
    text: 'Of an .onnx file and a data file a job is written that feeds each input of the network from an array of the same name, or the only one, or all columns of a csv file. Where that does not fit, write the job: its data block says which column is what, and of what shape.',
  },
  {
    code: 'L0906',
    title: 'A job that trains nothing',
    text: 'The command works on a trained model, and this job predicts with one that was given to it. Its predictions are in predictions.npy of its run.',
  },
  {
    code: 'D0301',
    title: 'Too few rows',
    text: 'After the holdout rows are set aside, less than one batch is left. Make the batch or the holdout smaller.',
  },
  {
    code: 'D0302',
    title: 'Too many predictions',
    text: 'What a model gives for all rows together is one tensor of a state, of less than 2^31 elements. Split the data into several jobs.',
  },
];
