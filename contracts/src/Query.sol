// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What both sides agree on before an operator of a step is looked at: facts of the job, and what the descent has found.
struct Context {
    /// Of the registered graph.
    bytes32 graphRoot;
    /// Of the step's operator tree: the tensor root of each node in order, and last the root of the state after the step. Entries
    /// before the node in question are agreed on.
    bytes32 operatorsRoot;
    /// Of the state before the step; at step 0 it is recomputed and this is not read.
    bytes32 stateRoot;
    /// Of the columns of the data sets.
    bytes32 columnsRoot;
    /// Of the partial results of the element, those before the term in question agreed on; read for single terms only.
    bytes32 partialsRoot;
    uint32 seed;
    uint32 batch;
    uint32 step;
}

/// One element, or one term of one element, of the output of one node.
struct Query {
    Context context;
    /// Nodes of the graph; part of its root.
    uint32 nodes;
    uint32 node;
    uint64 element;
    /// WHOLE, or of a reduction the number of a term: the question is then the partial result that includes this term.
    uint64 term;
    bytes proof;
}

/// What one side says of the element: the root of the tensor that holds it, and the chunk opened under it.
struct Claim {
    /// Of the node's output, or for a term, of the partial results (f32, one for each term).
    bytes32 root;
    bytes32 chunk;
    /// Siblings in the tensor's tree, from the leaf's up.
    bytes32[] path;
    /// For a term that is the first of its chunk: the chunk before, opened likewise. Otherwise zero and empty.
    bytes32 chunkBefore;
    bytes32[] pathBefore;
}

enum Verdict {
    /// Never given: a word of zeros is no verdict.
    None,
    First,
    Second,
    Neither
}
