// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Job} from "./IReferee.sol";

/// Which tree the descent is in. Each is bound to the one above by its last leaf.
enum Level {
    /// State roots after each checkpoint interval.
    Run,
    /// One leaf: the operator list that an attestation names, of the last step of an interval.
    Attestation,
    /// Steps of the interval: SHA256(STEP_TAG, state root, operator list).
    Segment,
    /// Operators of the step: tensor roots, and last the state root.
    Step,
    /// Entries of the state after the step.
    State,
    /// Chunks of the operator's output.
    Tensor,
    /// One leaf: the element, over its partial results.
    Element,
    /// Chunks of the partial results.
    Terms,
    /// One value is left, and the referee knows it.
    Value
}

enum Outcome {
    Open,
    Defender,
    Challenger,
    /// Neither side told the truth.
    Neither
}

/// What is disputed when a game begins.
struct Opening {
    bytes32 job;
    bytes32 graph;
    /// Entries of an operator list: nodes of the graph and one more.
    uint32 entries;
    /// Steps between two checkpoints.
    uint64 interval;
    /// Steps done before the run in dispute, and steps of that run.
    uint64 step;
    uint64 steps;
    /// State root before the run.
    bytes32 before;
    /// Run or Attestation.
    Level level;
    /// Root of the defender and of the challenger.
    bytes32[2] roots;
    address[2] players;
    /// Seconds each player has for all its moves.
    uint32 clock;
}

/// Where a game stands. Only the hash of its words (`Standing`) is stored; whoever moves hands them in again.
struct Descent {
    bytes32 job;
    bytes32 graph;
    uint32 entries;
    uint64 interval;
    uint64 step;
    uint64 steps;
    bytes32 before;
    Level level;
    /// Binary levels between the nodes in dispute and their leaves.
    uint8 depth;
    /// Height of `left` above the leaves; NO_LEFT while the path has kept to the left edge.
    uint8 leftHeight;
    /// Number of the nodes in dispute in their row, and of entries in the whole tree.
    uint64 index;
    uint64 count;
    /// Of the defender and of the challenger; they differ.
    bytes32[2] nodes;
    /// Subtree next to the path on its left, the same on both sides.
    bytes32 left;
    /// At a leaf: what the last mover says stands in it, and the root (or content) below.
    bytes32[2] opened;
    bytes32[2] traces;
    bytes32[2] partials;
    /// Operator (or the state) in dispute, its element, and the term of that.
    uint32 operator;
    uint64 element;
    uint64 term;
    uint8 dtype;
    uint64 elements;
    uint32 terms;
}

struct Move {
    /// Words of the descent (`Standing`), as the last event gives them.
    bytes32[] descent;
    /// Which of the descendants that the other side has opened is the first in which the sides differ.
    uint256 branch;
    /// Above the leaves: own and other descendant there, then upwards for each binary level the left sibling (shared), or
    /// the own and the other right sibling. At a leaf: its contents, own side.
    bytes32[] answer;
    /// At a leaf of Run, Segment and Terms with agreed leaves on its left: contents of the next of them, then its path in `left`.
    bytes32[] agreed;
    /// The mover's descendants of the new node, 16 or fewer; or the contents of its new leaf.
    bytes32[] open;
    /// At a leaf of Step: proves the operator's shape to the referee.
    bytes proof;
}

/// A piece of a state that somebody wants to see.
struct Place {
    /// Root of a claim: of the tree over that many state roots.
    bytes32 root;
    uint64 records;
    /// The state after this many of them, from 1 on.
    uint64 record;
    /// Entry of that state, and which 128 chunks of its tensor; both from 0 on.
    uint64 entry;
    uint64 piece;
}

/// A piece, and all that leads from it up to the root of the claim.
struct Answer {
    /// State root, and its path.
    bytes32 state;
    bytes32[] record;
    /// Entries of the state, and the root of the tree over them. Where it has no such entry the rest is left empty.
    uint256 count;
    bytes32 list;
    /// The entry: SHA-256 of its name, type and shape, root of the tree over its chunks; and its path.
    bytes32 name;
    uint256 dtype;
    uint256[] dims;
    bytes32 tensor;
    bytes32[] entry;
    /// The chunks, and the path of the subtree that they are; both empty where the tensor ends before them.
    bytes32[] chunks;
    bytes32[] path;
}

/// @title The pinpoint game: two Merkle trees that differ, one descent to the first value in which they do.
/// @notice Nobody is paid here, and nobody has to be trusted: whoever opens a game reads its outcome.
interface IPinpoint {
    error NoSuchGame(uint256 game);
    error Ended(uint256 game, Outcome outcome);
    error NotYourTurn(address mover, address turn);
    error OtherDescent(bytes32 found, bytes32 stored);
    error ClockEmpty(uint256 used, uint256 left);
    error ClockRuns(uint256 used, uint256 left);
    error SameNodes(bytes32 node);
    error OtherParent(uint256 side, bytes32 found, bytes32 node);
    error NoSuchBranch(uint256 branch, uint256 branches);
    error WrongLength(uint256 length, uint256 expected);
    error NotBound(bytes32 found, bytes32 expected);
    error NotAtValue(Level level);
    error NotOpenable(Level level);
    error OtherJob(bytes32 found, bytes32 expected);
    error BadSignature(address signer);

    event Opened(uint256 indexed game, address indexed defender, address indexed challenger);
    /// All that the other side needs for its move. @param descent Its words (`Standing`).
    event Moved(uint256 indexed game, uint256 side, bytes32[] descent, bytes32[] opened);
    event Resolved(uint256 indexed game, Outcome outcome);
    /// The bytes that were demanded; none where there are none at that place.
    event Answered(uint256 indexed game, bytes32 state, uint256 count, bytes32 name, uint256 dtype, uint256[] dims, bytes32[] chunks);

    /// Begins a game. The challenger's first move is part of it: `first` opens its root.
    function open(Opening calldata opening, bytes32[] calldata first) external returns (uint256 game);

    /// Begins a game of one move: the defender has its clock to put a piece of what it committed to on the chain.
    /// @param players Defender and challenger.
    function openDemand(Place calldata place, address[2] calldata players, uint32 clock) external returns (uint256 game);

    /// Ends such a game for the defender, by anyone: the answer proves itself. What does not fit reverts and changes nothing.
    function answer(uint256 game, Place calldata place, Answer calldata answer_) external;

    /// Made by the player whose turn it is. What does not fit reverts and changes nothing.
    function move(uint256 game, Move calldata move_) external;

    /// The same by anyone, with that player's signature (EIP-712).
    function moveFor(uint256 game, Move calldata move_, bytes calldata signature) external;

    /// Ends a game that has come to one value, by anyone.
    /// @param side Whose operator list and partial results `proof` opens.
    function judge(uint256 game, bytes32[] calldata descent, uint256 side, Job calldata job, bytes calldata proof) external;

    /// Ends a game in which the player whose turn it is has used up its time, by anyone.
    function flag(uint256 game) external;

    function outcomeOf(uint256 game) external view returns (Outcome);
    function digestOf(uint256 game, Move calldata move_) external view returns (bytes32);
}
