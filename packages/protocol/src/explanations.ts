/** What the codes of this package mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';
import { accountExplanations } from './account/explanations.js';
import { chainExplanations } from './chain/explanations.js';
import { rolesExplanations } from './roles/explanations.js';
import { storageExplanations } from './storage/explanations.js';

export const explanations: readonly Explanation[] = [
  ...accountExplanations,
  ...chainExplanations,
  ...storageExplanations,
  ...rolesExplanations,
  {
    code: 'N0101',
    title: 'There is no anvil',
    text: 'The local chain is anvil of the Foundry tools. On Linux x64 it is installed with the npm packages; elsewhere install Foundry, so that `anvil` is on the PATH, or set GENSYN_ANVIL to the program.',
  },
  {
    code: 'N0102',
    title: 'anvil did not start',
    text: 'The program was found but did not come to listen. Its last words are in the message; a port that is taken is the usual reason.',
  },
  {
    code: 'N0103',
    title: 'The state of the chain cannot be kept there',
    text: 'The file given with --state is read when the local chain starts and written when it ends. Its folder must exist and be writable.',
  },
  {
    code: 'N0104',
    title: 'A local chain is up already, with other options',
    text: 'For each folder that GENSYN_DEVNET names one local chain runs at a time. `gensyn devnet down` ends it; then it can be started with the options wanted.',
  },
  {
    code: 'N0105',
    title: 'The local chain does not end',
    text: 'It was asked to end and given ten seconds. `gensyn devnet status` shows its process.',
  },
  {
    code: 'N0106',
    title: 'The folder of the local chain cannot be written',
    text: 'What `gensyn devnet` has started is noted in a folder, so that the next command finds it: GENSYN_DEVNET, else gensyn/devnet below XDG_STATE_HOME or ~/.local/state. It must be writable.',
  },
  {
    code: 'N0201',
    title: 'No chain answers',
    text: 'Nothing that speaks JSON-RPC answers at this address. Is the node running, and is the address the right one? `gensyn devnet up` starts a local chain and prints its address.',
  },
  {
    code: 'N0202',
    title: 'It is another chain',
    text: 'The node answers for another chain than expected. The number of a chain is fixed, and transactions are signed for one chain only.',
  },
  {
    code: 'N0203',
    title: 'Contracts cannot be deployed here',
    text: 'Contracts are deployed through a factory at 0x4e59b44847b379578588920cA78FbF26c0B4956C, so that they have the same addresses on every chain. Nearly every chain has it; on this one it is missing, and the transaction that creates it (it is signed for every chain) was refused.',
  },
  {
    code: 'N0204',
    title: 'A transaction failed',
    text: 'The chain took the transaction in but it had no effect: it reverted. Usually the account has too little money or the contract refused what was asked.',
  },
  {
    code: 'V0401',
    title: 'There is nothing there to check',
    text: 'The node, its element or the term of the element that the referee is to look at does not exist. `gensyn inspect --step` lists the nodes of a job with their types.',
  },
  {
    code: 'V0402',
    title: 'The graph is no training step',
    text: 'A step returns every tensor of the state that it takes, under the same name. Only of such a graph is there a state after the step, which its operator tree ends with.',
  },
  {
    code: 'V0403',
    title: 'Nothing fixes this input',
    text: 'The referee recomputes inputs from the job: initial weights, batches of the data set and random masks from the seed, later states from their commitment. An input that is none of these may be anything, so no value of it is right or wrong.',
  },
  {
    code: 'V0404',
    title: 'Too much for one check',
    text: 'A check has a fixed upper bound of gas. Sums of many terms are checked a term at a time: name the term. An operator whose operands alone pass the bound (a Concat of more than 32, tensors of more than 8 axes) cannot be checked on chain.',
  },
  {
    code: 'V0405',
    title: 'The referee refuses',
    text: 'The contract found something malformed in what it was asked: an opening that does not lead to its root, a proof of another length, a value that no canonical graph has. It then judges nothing. The message names its reason.',
  },
  {
    code: 'N0301',
    title: 'There is nothing to dispute',
    text: "The other side of the game has opened nodes that are the same as one's own, or the game is at a place that has no tree. Both sides then say the same of this part of the run, and no move shows a difference.",
  },
  {
    code: 'N0302',
    title: 'The job is not the one of the task',
    text: 'A task on chain names its job by one digest: graph, data, initial state, seed, batch, steps, checkpoint interval and rows held out. What was fetched or compiled has another digest, so work on it would be paid to nobody.',
  },
  {
    code: 'N0303',
    title: 'The job cannot be judged on chain',
    text: 'The contracts count seed, batch and steps in 32 bits, and the gas of a block bounds the outputs of a graph. Of a job beyond that a dispute could not be decided by computing, so nobody should take it or bet on it.',
  },
  {
    code: 'N0304',
    title: 'There is no place for such a fault',
    text: 'A liar on purpose was asked for a fault that the job cannot have at this place: a wrong partial result in a job without a reduction of more than 16 terms, a node or element that there is not, or an operator on which the next state does not depend.',
  },
];
