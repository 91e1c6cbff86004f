export { askReferee, bitsOfValue, gasOfQuery, refusal, valueOfBits } from './ask-referee.js';
export { chunkTree, type ChunkTree } from './chunk-tree.js';
export { claimOf, VERDICTS, type Claim } from './claim.js';
export { operandElements, type OperandElement } from './operand-elements.js';
export { partialResults, partialTree, type Partials } from './partials.js';
export { buildQuery, MAX_PROOF, MAX_TERMS, termsOf, WHOLE, type Query } from './query.js';
export {
  commitStep,
  operatorDigests,
  stateAfter,
  stateDigests,
  stateInputs,
  type CommittedStep,
  type StepJob,
  type StepView,
} from './step.js';
export { columnBytesOf, jobStep } from './job-step.js';
