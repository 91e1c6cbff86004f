// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "./generated/Encoding.sol";
import {Cursor, Proof} from "./Proof.sol";
import {Tensor, Tensors} from "./Tensor.sol";

/// A node of a graph, from its canonical bytes.
struct Node {
    uint256 opcode;
    Tensor tensor;
    uint256[] operands;
    /// Of each operand, as its own node has it.
    Tensor[] operandTypes;
    /// In the order that the operator declares; a single number is a list of one.
    uint256[][] attributes;
    /// Of a Constant, and of a state that starts from given values, the root of the tensor.
    bytes32 constantRoot;
    /// Of an Input.
    Source source;
}

/// Where the bytes of an input come from. Names are SHA-256 of their UTF-8, reals the bits of a binary64.
struct Source {
    bytes32 name;
    uint256 kind;
    uint256 start;
    uint256 stream;
    uint256 real;
    bytes32 dataset;
    bytes32 column;
}

/// @title The canonical bytes of a node, as `encodeNode` of packages/ir writes them.
library Nodes {
    error UnknownOpcode(uint256 opcode);
    error BadArity(uint256 opcode, uint256 operands);
    error BadAttribute(uint256 opcode, uint256 length);
    error UnknownSource(uint256 kind);

    /// Of lo, hi, tiny, quantum and flags, which are proofs of the compiler and no concern of one element.
    uint256 private constant RANGE_BYTES = 33;

    function read(Cursor memory proof) internal pure returns (Node memory node) {
        uint256 opcode = Proof.u8(proof);
        uint256 descriptor = Encoding.descriptor(opcode);
        if (descriptor == 0) revert UnknownOpcode(opcode);
        node.opcode = opcode;
        node.tensor = Tensors.read(proof);
        (node.operands, node.operandTypes) = _operands(proof, opcode, Encoding.arity(descriptor));
        uint256 count = Encoding.attributeCount(descriptor);
        if (count > 0) {
            node.attributes = new uint256[][](count);
            for (uint256 i = 0; i < count; i++) {
                node.attributes[i] = _attribute(proof, opcode, Encoding.attributeKind(descriptor, i));
            }
        }
        if (opcode == Encoding.CONSTANT) node.constantRoot = Proof.word(proof);
        else if (opcode == Encoding.INPUT) (node.source, node.constantRoot) = _source(proof);
    }

    function _operands(Cursor memory proof, uint256 opcode, uint256 arity)
        private
        pure
        returns (uint256[] memory list, Tensor[] memory types)
    {
        uint256 count = Proof.u32(proof);
        bool fits = arity == Encoding.VARIADIC ? count > 0 && count <= Encoding.MAX_OPERANDS : count == arity;
        if (!fits) revert BadArity(opcode, count);
        list = new uint256[](count);
        types = new Tensor[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = Proof.u32(proof);
            types[i] = Tensors.read(proof);
        }
    }

    function _attribute(Cursor memory proof, uint256 opcode, uint256 kind) private pure returns (uint256[] memory list) {
        uint256 count = kind == Encoding.KIND_INTEGERS ? Proof.u32(proof) : 1;
        if (count > Tensors.MAX_RANK) revert BadAttribute(opcode, count);
        list = new uint256[](count);
        for (uint256 i = 0; i < count; i++) list[i] = kind == Encoding.KIND_DTYPE ? Proof.u8(proof) : Proof.u32(proof);
    }

    function _source(Cursor memory proof) private pure returns (Source memory source, bytes32 given) {
        source.name = Proof.text(proof);
        Proof.take(proof, RANGE_BYTES);
        source.kind = Proof.u8(proof);
        if (source.kind == Encoding.SOURCE_STATE) {
            source.start = Proof.u8(proof);
            if (source.start == Encoding.START_GIVEN) {
                given = Proof.word(proof);
            } else {
                if (source.start == Encoding.START_UNIFORM) source.stream = Proof.u32(proof);
                else if (source.start != Encoding.START_CONSTANT) revert UnknownSource(source.kind);
                source.real = Proof.u64(proof);
            }
        } else if (source.kind == Encoding.SOURCE_BATCH) {
            source.dataset = Proof.text(proof);
            source.column = Proof.text(proof);
        } else if (source.kind == Encoding.SOURCE_DROPOUT) {
            source.stream = Proof.u32(proof);
            source.real = Proof.u64(proof);
        } else if (source.kind != Encoding.SOURCE_FREE) {
            revert UnknownSource(source.kind);
        }
    }
}
