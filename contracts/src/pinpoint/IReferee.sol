// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What a job commits to: the fields of its root, in the order in which they are hashed.
struct Job {
    bytes32 graph;
    bytes32 data;
    bytes32 init;
    uint256 seed;
    uint256 batch;
    uint256 steps;
    uint256 interval;
    uint256 holdout;
}

/// Shape of what an entry of a step's operator tree stands for.
struct Layout {
    /// Element type; 0 for the state, whose elements are the digests of its entries.
    uint8 dtype;
    uint64 elements;
    /// Terms of a reduction that is judged a term at a time; 0 for all else.
    uint32 terms;
    /// SHA-256 preimage of the entry without its last word, the root of the tree over the elements.
    bytes header;
}

/// One value: of an operator's output, or of the state after a step.
struct Question {
    bytes32 job;
    uint256 step;
    uint256 entries;
    uint256 entry;
    uint256 index;
    /// NO_TERM, or the number of the last term in the partial result in question.
    uint256 term;
    /// Root of the state before the step.
    bytes32 before;
    /// Operator list of the step; entries before `entry` are agreed on.
    bytes32 trace;
    /// Tensor root of the partial results; those before `term` are agreed on.
    bytes32 partials;
}

uint64 constant NO_TERM = type(uint64).max;

/// @title Knows graphs and what their operators compute.
/// @notice Both functions revert on any proof that does not fit; a revert is no verdict.
interface IReferee {
    /// @param entries Nodes of the graph and one more.
    /// @param entry Number of a node, or `entries - 1` for the state.
    function layoutOf(bytes32 graph, uint256 entries, uint256 entry, bytes calldata proof) external view returns (Layout memory);

    /// The right value: the 32 bits of an element or partial result, or the digest of a state entry.
    function rightValue(Job calldata job, Question calldata question, bytes calldata proof) external view returns (bytes32);
}
