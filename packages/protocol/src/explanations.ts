/** What the codes of this package mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';

export const explanations: readonly Explanation[] = [
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
    text: 'One local chain runs at a time for each folder of `GENSYN_DEVNET`. `gensyn devnet down` ends it; then it can be started with the options wanted.',
  },
  {
    code: 'N0105',
    title: 'The local chain does not end',
    text: 'It was asked to end and given ten seconds. `gensyn devnet status` shows its process.',
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
];
