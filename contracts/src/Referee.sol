// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "./Binary32.sol";
import {Encoding} from "./generated/Encoding.sol";
import {Cursor, Proof} from "./Proof.sol";
import {Merkle} from "./Merkle.sol";
import {Node, Nodes} from "./Node.sol";
import {Position} from "./Position.sol";
import {Claim, Context, Query, Verdict} from "./Query.sol";
import {Scalar} from "./Scalar.sol";
import {Sources} from "./Sources.sol";
import {Tensor, Tensors} from "./Tensor.sol";

/// @title Computes one element of one operator of a training step.
/// @notice Operator, attributes, wiring and all types are read from the node, under the graph root; operands are opened in the step's operator tree at the
/// places that these give. Whatever does not fit reverts, and a call that reverts or runs out of gas has judged nothing.
contract Referee {
    error NoSuchNode(uint256 node, uint256 nodes);
    error NoSuchElement(uint256 element, uint256 size);
    error NoSuchTerm(uint256 term, uint256 terms);
    error OtherGraph(bytes32 expected, bytes32 found);
    error OtherOperand(uint256 node, bytes32 expected, bytes32 found);
    error OtherTensor(bytes32 expected, bytes32 found);
    error OperandAfterNode(uint256 operand, uint256 node);
    error OtherType(uint256 operand, uint256 dtype, uint256 wanted);
    error IndexOutOfRange(int256 index, uint256 rows);
    error TooManyTerms(uint256 terms);
    error ProofTooLong(uint256 length);
    error OtherPathLength(uint256 length, uint256 depth);
    error NotDisputed(bytes4 value);
    error NoDispute(bytes32 before, bytes32 other);
    error TooLittleGas(uint256 left, uint256 needed);

    /// As `term`: the element itself. Reductions of more than MAX_TERMS are judged a term at a time.
    uint64 public constant WHOLE = type(uint64).max;
    /// More would be dearer to open in a large tensor than a few moves down to one of them.
    uint256 public constant MAX_TERMS = 16;
    /// Bytes of a proof: more than any check takes, so that there is no element that nobody can prove. The longest is of MAX_TERMS chunks
    /// of one tensor and 3 of another, with 28 nodes above each.
    uint256 public constant MAX_PROOF = 24_576;

    /// Upper bounds, measured by `npm run gas`, of what a check takes: at all (a node may have 32 operands of 8 axes), for each
    /// byte of its proof, for each term, and for a row of a data set.
    uint256 private constant GAS_BASE = 110_000;
    uint256 private constant GAS_BYTE = 24;
    uint256 private constant GAS_TERM = 5_000;
    uint256 private constant GAS_ROW = 930_000;

    bytes32 private constant MINUS_INFINITY = bytes32(uint256(0xff800000));

    /// What a reduction holds of an operand between two terms: the chunk opened last.
    struct Held {
        Tensor tensor;
        uint256 id;
        uint256 index;
        bytes32 chunk;
        bytes32 treeRoot;
    }

    /// The right value of the element, or of the partial result: its 32 bits, a bool as 0 or 1.
    function check(Query calldata query) external view returns (bytes4) {
        (uint32 bits, ) = _value(query);
        return bytes4(bits);
    }

    /// Which of two claims is right. Reverts where they do not differ here.
    function judge(Query calldata query, Claim calldata first, Claim calldata second) external view returns (Verdict, bytes4) {
        bool term = query.term != WHOLE;
        (uint32 right, Tensor memory tensor) = _value(query);
        uint256 pos = term ? query.term : query.element;
        (uint256 a, bool cleanA) = _claimed(first, tensor, pos);
        (uint256 b, bool cleanB) = _claimed(second, tensor, pos);
        if (a == b && cleanA == cleanB) revert NotDisputed(bytes4(uint32(a)));
        if (term && pos > 0) {
            // The partial result before is the same under both roots, so it may have been opened under either, but no third one.
            bytes32 root = query.context.partialsRoot;
            if (root != first.root && root != second.root) revert OtherTensor(first.root, root);
            _sameBefore(first, second, tensor, pos);
        } else {
            _nothingBefore(first);
            _nothingBefore(second);
        }
        bool firstRight = cleanA && a == right;
        bool secondRight = cleanB && b == right;
        return (firstRight ? Verdict.First : secondRight ? Verdict.Second : Verdict.Neither, bytes4(right));
    }

    function _value(Query calldata query) internal view returns (uint32 bits, Tensor memory tensor) {
        if (query.proof.length > MAX_PROOF) revert ProofTooLong(query.proof.length);
        _need(GAS_BASE + GAS_BYTE * query.proof.length);
        if (query.node >= query.nodes) revert NoSuchNode(query.node, query.nodes);
        Cursor memory proof = Proof.open(query.proof);
        Node memory node = _node(query, proof, query.node);
        tensor = node.tensor;
        if (query.element >= tensor.size) revert NoSuchElement(query.element, tensor.size);
        uint256 family = Encoding.family(Encoding.descriptor(node.opcode));
        if (family == Encoding.FAMILY_REDUCE) {
            (bits, tensor) = _reduce(query, proof, node);
        } else {
            if (query.term != WHOLE) revert NoSuchTerm(query.term, 0);
            if (family == Encoding.FAMILY_MAP) bits = _map(query, proof, node);
            else if (family == Encoding.FAMILY_MOVE) bits = _move(query, proof, node);
            else if (family == Encoding.FAMILY_GATHER) bits = _gather(query, proof, node);
            else bits = _source(query, proof, node);
        }
        Proof.done(proof);
    }

    /// Reads a node: its bytes, then the path that proves them.
    function _node(Query calldata query, Cursor memory proof, uint256 id) private view returns (Node memory node) {
        uint256 from = proof.pos;
        node = Nodes.read(proof);
        bytes32 entry = Proof.hashSince(proof, from, Encoding.GRAPH_NODE_TAG);
        // Entry 0 is the header.
        bytes32 root = Merkle.listRoot(proof, entry, id + 1, uint256(query.nodes) + 1);
        if (root != query.context.graphRoot) revert OtherGraph(query.context.graphRoot, root);
    }

    /// The type of an operand, which must stand before the node.
    function _operand(Query calldata query, Node memory node, uint256 i) private pure returns (Tensor memory) {
        uint256 id = node.operands[i];
        if (id >= query.node) revert OperandAfterNode(id, query.node);
        return node.operandTypes[i];
    }

    /// Reads an element of a node's output: its chunk, the path in the tensor, the path in the operator tree.
    function _element(Query calldata query, Cursor memory proof, Tensor memory tensor, uint256 id, uint256 pos) private view returns (uint32) {
        bytes32 chunk = Proof.word(proof);
        _inStep(query, proof, id, Tensors.root(tensor, proof, chunk, pos));
        return uint32(Tensors.elementIn(chunk, tensor.dtype, pos));
    }

    function _inStep(Query calldata query, Cursor memory proof, uint256 id, bytes32 tensorRoot) private view {
        bytes32 root = Merkle.listRoot(proof, tensorRoot, id, uint256(query.nodes) + 1);
        if (root != query.context.operatorsRoot) revert OtherOperand(id, query.context.operatorsRoot, root);
    }

    function _map(Query calldata query, Cursor memory proof, Node memory node) private view returns (uint32) {
        uint256[3] memory dtypes;
        uint32[3] memory x;
        for (uint256 i = 0; i < node.operands.length; i++) {
            Tensor memory tensor = _operand(query, node, i);
            uint256 pos = Position.broadcast(node.opcode, tensor, node.tensor, query.element);
            dtypes[i] = tensor.dtype;
            x[i] = _element(query, proof, tensor, node.operands[i], pos);
        }
        return Scalar.apply_(node.opcode, dtypes, x, node.tensor.dtype);
    }

    function _move(Query calldata query, Cursor memory proof, Node memory node) private view returns (uint32) {
        if (node.opcode == Encoding.CONCAT) return _concat(query, proof, node);
        Tensor memory from = _operand(query, node, 0);
        _sameType(node, 0, from.dtype, node.tensor.dtype);
        (uint256 pos, bool outside) = Position.moved(node, from, query.element);
        return outside ? 0 : _element(query, proof, from, node.operands[0], pos);
    }

    /// Which operand holds the element follows from the shapes of those before it.
    function _concat(Query calldata query, Cursor memory proof, Node memory node) private view returns (uint32) {
        (uint256 outer, uint256 along, uint256 within, uint256 inner) = Position.split(node, query.element);
        uint256 axis = node.attributes[0][0];
        for (uint256 i = 0; i < node.operands.length; i++) {
            Tensor memory from = _operand(query, node, i);
            _sameType(node, i, from.dtype, node.tensor.dtype);
            if (from.dims.length != node.tensor.dims.length) revert Position.ShapesDoNotFit(node.opcode);
            uint256 length = from.dims[axis];
            if (along < length) return _element(query, proof, from, node.operands[i], (outer * length + along) * inner + within);
            along -= length;
        }
        revert Position.ShapesDoNotFit(node.opcode);
    }

    /// The row is read before the table.
    function _gather(Query calldata query, Cursor memory proof, Node memory node) private view returns (uint32) {
        Tensor memory indices = _operand(query, node, 1);
        _sameType(node, 1, indices.dtype, Encoding.I32);
        Tensor memory table = _operand(query, node, 0);
        _sameType(node, 0, table.dtype, node.tensor.dtype);
        if (table.dims.length == 0) revert Position.ShapesDoNotFit(node.opcode);
        uint256 rows = table.dims[0];
        uint256 width = table.size / rows;
        int256 row = int32(_element(query, proof, indices, node.operands[1], query.element / width));
        if (row < 0 || uint256(row) >= rows) revert IndexOutOfRange(row, rows);
        return _element(query, proof, table, node.operands[0], uint256(row) * width + (query.element % width));
    }

    function _source(Query calldata query, Cursor memory proof, Node memory node) private view returns (uint32) {
        if (node.opcode == Encoding.INPUT) {
            if (node.source.kind == Encoding.SOURCE_BATCH) _need(GAS_ROW);
            return Sources.element(query.context, proof, node, query.element);
        }
        bytes32 chunk = Proof.word(proof);
        bytes32 root = Tensors.root(node.tensor, proof, chunk, query.element);
        if (root != node.constantRoot) revert OtherTensor(node.constantRoot, root);
        return uint32(Tensors.elementIn(chunk, node.tensor.dtype, query.element));
    }

    /// Returns the type of the partial results where one of them is asked for.
    function _reduce(Query calldata query, Cursor memory proof, Node memory node)
        private
        view
        returns (uint32 bits, Tensor memory tensor)
    {
        Held[] memory held = new Held[](node.operands.length);
        for (uint256 i = 0; i < held.length; i++) {
            held[i] = Held(_operand(query, node, i), node.operands[i], type(uint256).max, 0, 0);
            _sameType(node, i, held[i].tensor.dtype, Encoding.F32);
        }
        uint256 terms = Position.depth(node, held[0].tensor);
        bits = node.opcode == Encoding.DOT ? 0 : uint32(uint256(MINUS_INFINITY));
        if (query.term == WHOLE) {
            if (terms > MAX_TERMS) revert TooManyTerms(terms);
            _need(GAS_TERM * terms + GAS_BYTE * (proof.end - proof.pos));
            for (uint256 k = 0; k < terms; k++) bits = _fold(query, proof, node, held, k, bits);
            return (bits, node.tensor);
        }
        if (query.term >= terms) revert NoSuchTerm(query.term, terms);
        uint256[] memory dims = new uint256[](1);
        dims[0] = terms;
        tensor = Tensor(Encoding.F32, dims, terms);
        if (query.term > 0) {
            bytes32 chunk = Proof.word(proof);
            bytes32 root = Tensors.root(tensor, proof, chunk, query.term - 1);
            if (root != query.context.partialsRoot) revert OtherTensor(query.context.partialsRoot, root);
            bits = uint32(Tensors.elementIn(chunk, Encoding.F32, query.term - 1));
        }
        bits = _fold(query, proof, node, held, query.term, bits);
    }

    /// One more term: of Dot, the sum with a product, both exact; of ReduceMax, the larger.
    function _fold(Query calldata query, Cursor memory proof, Node memory node, Held[] memory held, uint256 k, uint32 bits)
        private
        view
        returns (uint32)
    {
        if (node.opcode != Encoding.DOT) {
            uint256 pos = Position.reduced(node, held[0].tensor, query.element, k);
            return Binary32.max(bits, _term(query, proof, held[0], pos));
        }
        (uint256 atA, uint256 atB) = Position.terms(node, held[0].tensor, held[1].tensor, query.element, k);
        uint32 a = _term(query, proof, held[0], atA);
        uint32 product = Binary32.mul(a, _term(query, proof, held[1], atB));
        // A sum of zeros is +0: +0 plus -0.
        return Binary32.add(bits, product);
    }

    /// An element of an operand. Its chunk is read where it is not the one read last; its place in the step, the first time.
    function _term(Query calldata query, Cursor memory proof, Held memory held, uint256 pos) private view returns (uint32) {
        Tensor memory tensor = held.tensor;
        (uint256 index, uint256 count) = Tensors.place(tensor, pos);
        if (index != held.index) {
            bool first = held.index == type(uint256).max;
            held.index = index;
            held.chunk = Proof.word(proof);
            bytes32 treeRoot = Merkle.root(proof, held.chunk, index, count);
            if (first) {
                held.treeRoot = treeRoot;
                _inStep(query, proof, held.id, Merkle.tensorRoot(tensor.dtype, tensor.dims, treeRoot));
            } else if (treeRoot != held.treeRoot) {
                revert OtherTensor(held.treeRoot, treeRoot);
            }
        }
        return uint32(Tensors.elementIn(held.chunk, tensor.dtype, pos));
    }

    function _sameType(Node memory node, uint256 i, uint256 dtype, uint256 wanted) private pure {
        if (dtype != wanted) revert OtherType(node.operands[i], dtype, wanted);
    }

    /// The bits claimed, whatever they are, and whether the tensor ends in zeros.
    function _claimed(Claim calldata claim, Tensor memory tensor, uint256 pos) private view returns (uint256 bits, bool clean) {
        (uint256 index, ) = Tensors.place(tensor, pos);
        _openClaim(claim.root, claim.chunk, claim.path, tensor, pos);
        return (Tensors.bitsIn(claim.chunk, tensor.dtype, pos), Tensors.cleanEnd(tensor, claim.chunk, index));
    }

    /// Term `pos` is the first in which the partial results differ only if the one before is the same.
    function _sameBefore(Claim calldata first, Claim calldata second, Tensor memory tensor, uint256 pos) private view {
        uint256 a = _before(first, tensor, pos);
        uint256 b = _before(second, tensor, pos);
        if (a != b) revert NoDispute(bytes32(a), bytes32(b));
    }

    function _before(Claim calldata claim, Tensor memory tensor, uint256 pos) private view returns (uint256) {
        if (pos & 7 != 0) {
            _nothingBefore(claim);
            return Tensors.bitsIn(claim.chunk, tensor.dtype, pos - 1);
        }
        _openClaim(claim.root, claim.chunkBefore, claim.pathBefore, tensor, pos - 1);
        return Tensors.bitsIn(claim.chunkBefore, tensor.dtype, pos - 1);
    }

    function _nothingBefore(Claim calldata claim) private pure {
        if (claim.chunkBefore != 0 || claim.pathBefore.length != 0) revert OtherPathLength(claim.pathBefore.length, 0);
    }

    function _openClaim(bytes32 root, bytes32 chunk, bytes32[] calldata path, Tensor memory tensor, uint256 pos) private view {
        (, uint256 count) = Tensors.place(tensor, pos);
        if (path.length != Merkle.depthOf(count)) revert OtherPathLength(path.length, Merkle.depthOf(count));
        uint256 from;
        assembly ("memory-safe") {
            from := path.offset
        }
        bytes32 found = Tensors.root(tensor, Cursor(from, from + (path.length << 5)), chunk, pos);
        if (found != root) revert OtherTensor(root, found);
    }

    function _need(uint256 gas) private view {
        if (gasleft() < gas) revert TooLittleGas(gasleft(), gas);
    }
}
