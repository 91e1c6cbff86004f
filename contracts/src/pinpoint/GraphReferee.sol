// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "../generated/Encoding.sol";
import {Merkle} from "../Merkle.sol";
import {Node, Nodes} from "../Node.sol";
import {Position} from "../Position.sol";
import {Cursor, Proof} from "../Proof.sol";
import {Context, Query} from "../Query.sol";
import {Referee} from "../Referee.sol";
import {Tensors} from "../Tensor.sol";
import {IReferee, Job, Layout, NO_TERM, Question} from "./IReferee.sol";

/// @title The referee of pinpoint games over canonical graphs: elements by `Referee`, shapes and state entries from the graph itself.
contract GraphReferee is IReferee {
    error OtherGraph(bytes32 expected, bytes32 found);
    error OtherTrace(bytes32 expected, bytes32 found);
    error NoSuchStateEntry(uint256 index, uint256 count);

    bytes32 private constant GRAPH_HEADER_TAG = "gensyn/graph-header/v1";
    uint256 private constant ROLE_STATE = 0;

    Referee public immutable operators;

    constructor(Referee operators_) {
        operators = operators_;
    }

    /// Proof of a node: its bytes, path in the graph. Of the state: the header of the graph, path.
    function layoutOf(bytes32 graph, uint256 entries, uint256 entry, bytes calldata proof) external view returns (Layout memory shape) {
        Cursor memory cursor = Proof.open(proof);
        if (entry + 1 == entries) {
            (uint256 count, , ) = _header(cursor, graph, entries, type(uint256).max);
            shape = Layout(0, uint64(count), 0, abi.encode(Encoding.LIST_TAG, count));
        } else {
            Node memory node = _node(cursor, graph, entries, entry);
            shape.dtype = uint8(node.tensor.dtype);
            shape.elements = uint64(node.tensor.size);
            shape.header = abi.encodePacked(Encoding.TENSOR_TAG, node.tensor.dtype, node.tensor.dims.length, node.tensor.dims);
            if (Encoding.family(Encoding.descriptor(node.opcode)) == Encoding.FAMILY_REDUCE) {
                uint256 terms = Position.depth(node, node.operandTypes[0]);
                if (terms > operators.MAX_TERMS()) shape.terms = uint32(terms);
            }
        }
        Proof.done(cursor);
    }

    function rightValue(Job calldata job, Question calldata q, bytes calldata proof) external view returns (bytes32) {
        if (q.entry + 1 == q.entries) return _stateEntry(job.graph, q, proof);
        Context memory context = Context({
            graphRoot: job.graph,
            operatorsRoot: q.trace,
            stateRoot: q.before,
            columnsRoot: job.data,
            partialsRoot: q.partials,
            seed: uint32(job.seed),
            batch: uint32(job.batch),
            step: uint32(q.step)
        });
        uint64 term = q.term == NO_TERM ? operators.WHOLE() : uint64(q.term);
        Query memory query = Query(context, uint32(q.entries - 1), uint32(q.entry), uint64(q.index), term, proof);
        return bytes32(uint256(uint32(operators.check(query))));
    }

    /// Proof: header of the graph, path; node of that output, path; root of the node's tensor, path in the operator list.
    function _stateEntry(bytes32 graph, Question calldata q, bytes calldata proof) private view returns (bytes32) {
        Cursor memory cursor = Proof.open(proof);
        (uint256 count, uint256 id, bytes32 name) = _header(cursor, graph, q.entries, q.index);
        if (q.index >= count) revert NoSuchStateEntry(q.index, count);
        Node memory node = _node(cursor, graph, q.entries, id);
        bytes32 tensor = Proof.word(cursor);
        bytes32 trace = Merkle.listRoot(cursor, tensor, id, q.entries);
        if (trace != q.trace) revert OtherTrace(q.trace, trace);
        Proof.done(cursor);
        return Merkle.stateEntry(name, node.tensor.dtype, node.tensor.dims, tensor);
    }

    /// Number of state outputs, and node and name of the one that is `wanted`.
    function _header(Cursor memory cursor, bytes32 graph, uint256 entries, uint256 wanted)
        private
        view
        returns (uint256 count, uint256 id, bytes32 name)
    {
        uint256 from = cursor.pos;
        Proof.u32(cursor);
        uint256 outputs = Proof.u32(cursor);
        for (uint256 i = 0; i < outputs; i++) {
            uint256 role = Proof.u8(cursor);
            uint256 node = Proof.u32(cursor);
            bytes32 text = Proof.text(cursor);
            if (role != ROLE_STATE) continue;
            if (count == wanted) (id, name) = (node, text);
            count++;
        }
        bytes32 digest = Proof.hashSince(cursor, from, GRAPH_HEADER_TAG);
        bytes32 root = Merkle.listRoot(cursor, digest, 0, entries);
        if (root != graph) revert OtherGraph(graph, root);
    }

    function _node(Cursor memory cursor, bytes32 graph, uint256 entries, uint256 id) private view returns (Node memory node) {
        uint256 from = cursor.pos;
        node = Nodes.read(cursor);
        bytes32 digest = Proof.hashSince(cursor, from, Encoding.GRAPH_NODE_TAG);
        bytes32 root = Merkle.listRoot(cursor, digest, id + 1, entries);
        if (root != graph) revert OtherGraph(graph, root);
    }
}
