/** What the codes of the market on a chain mean. */
import type { Explanation } from '@gensyn/ir';

export const chainExplanations: readonly Explanation[] = [
  {
    code: 'N0205',
    title: 'The node does not answer',
    text: 'The node was reached before, or is meant to be, and now answers with errors of its own, refuses for being asked too often, or not at all; it was asked five times within some seconds. A transaction that was being sent may or may not have got through: every command looks first at what has happened, so running it again never does a thing twice.',
  },
  {
    code: 'N0401',
    title: 'The contract refuses',
    text: 'A transaction is simulated before it is sent, and the contract would refuse it: it is too early or too late, somebody else was faster, or money is missing. Nothing was sent and nothing paid. In brackets the message names the error of the contract with its arguments.',
  },
  {
    code: 'N0402',
    title: 'The account cannot pay for gas',
    text: 'Transactions are paid for in the currency of the chain, which is not the token of the market. `gensyn account balance` shows both.',
  },
  {
    code: 'N0403',
    title: 'A transaction has vanished',
    text: 'It was sent, and no block has it: the chain was reorganised and another transaction took its place, or nobody put it into a block for a long time though its fee was raised. Running the command again looks first at what has happened.',
  },
  {
    code: 'N0404',
    title: 'There is no such task, claim, challenge or game',
    text: 'They are counted from 1, each kind for itself. `gensyn market` lists the tasks. After a reorganisation, or on a local chain that was started anew, numbers may be gone.',
  },
  {
    code: 'N0405',
    title: 'Which market is meant is not known',
    text: 'A market is named by the address of its TaskMarket: --market, GENSYN_MARKET or `market` in gensyn.toml. All other contracts are read from there. On a local chain, `gensyn devnet up` deploys one and notes where.',
  },
  {
    code: 'N0406',
    title: 'There is no contract at this address',
    text: 'The market was expected there. Is the address right, and is it the right chain? A local chain without --state forgets everything when it ends.',
  },
  {
    code: 'N0407',
    title: 'It is another contract',
    text: 'The code at this address is not that of the market of this version of gensyn: another program, another version, or a trap. Money is sent to code that is known only.',
  },
  {
    code: 'N0408',
    title: 'Too few tokens in the wallet',
    text: 'Stakes, bonds and rewards are paid in the token of the market, from what was deposited or else from the wallet. `gensyn account balance` shows both.',
  },
  {
    code: 'N0409',
    title: 'This cannot be asked of the council',
    text: 'A proposal changes parameters of the market within their fixed bounds, waits, is voted on, waits in the timelock, and takes effect. `gensyn governance show` lists the parameters, and where each proposal stands.',
  },
  {
    code: 'N0410',
    title: 'The node does not give events',
    text: 'What was said on the chain is read from its events, in pages that get smaller if a node asks for it. This node refuses even so; some give none, or only those of recent blocks. Name another one.',
  },
  {
    code: 'N0411',
    title: 'Nobody has said where the artefacts are',
    text: 'A submission and a delivery name their artefacts by a CID. In this one there is none, or none that could be one.',
  },
  {
    code: 'N0412',
    title: 'The node lags behind',
    text: 'What the contract stores and the events that led there do not fit. A node (or a group of nodes behind one address) may be a block behind; try again.',
  },
  {
    code: 'N0413',
    title: 'A state cannot be put together so',
    text: 'A task may begin with entries of the final states of several tasks: each entry of its state is one entry of one of theirs, of the same type, shape and bytes, under a name of its own. One of these entries is not there.',
  },
  {
    code: 'N0414',
    title: 'A task of a job in shards has closed',
    text: 'A job in shards is posted task by task. One of them reached its deadline, or was closed, before it was done, so nothing can go on from it. The same `gensyn submit` with a higher reward or a longer deadline posts it again; what is done already stays.',
  },
  {
    code: 'N0415',
    title: 'A merge does not fit into a transaction',
    text: 'A merge begins with all tensors of the states of all shards, and each is opened on the chain: about 120 bytes and 10,000 gas a tensor. Nodes take transactions of up to 128 KiB, so some 1,000 tensors is the most: shards times tensors of the state, those of the optimiser among them. Take fewer shards, or an optimiser that keeps less.',
  },
];
