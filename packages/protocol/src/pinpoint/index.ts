export { answerOf, PIECE, piecesOf, shownState, type Answer, type Place, type Shown } from './answer.js';
export * from './descent.js';
export { beginning, firstOpening, nextMove, type Move } from './next-move.js';
export * from './node-tree.js';
export { graphProofs, type GraphProofs } from './graph-proofs.js';
export { stepEntry } from './step-entry.js';
export * from './witness.js';
