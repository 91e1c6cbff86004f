// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "./Binary32.sol";
import {Binary64} from "./Binary64.sol";
import {Context} from "./Query.sol";
import {Encoding} from "./generated/Encoding.sol";
import {Cursor, Proof} from "./Proof.sol";
import {Merkle} from "./Merkle.sol";
import {Node, Source} from "./Node.sol";
import {Tensor, Tensors} from "./Tensor.sol";
import {Threefry} from "./Threefry.sol";

/// @title Elements of inputs: recomputed from seed and position, or opened under the state or the data set that was committed to.
library Sources {
    error NotRecomputable();
    error OtherRoot(bytes32 expected, bytes32 found);
    error BatchDoesNotDivide(uint256 elements, uint256 batch);
    error TypesDoNotFit(uint256 stored, uint256 wanted);

    uint256 private constant LEADING = 0x800000;

    function element(Context calldata context, Cursor memory proof, Node memory node, uint256 pos) internal view returns (uint32) {
        uint256 kind = node.source.kind;
        if (kind == Encoding.SOURCE_STATE) {
            if (context.step != 0) return _state(context, proof, node, pos);
            return node.source.start == Encoding.START_GIVEN ? _given(proof, node, pos) : initial(context, node, pos);
        }
        if (kind == Encoding.SOURCE_BATCH) return _row(context, proof, node, pos);
        if (kind == Encoding.SOURCE_DROPOUT) return dropout(context, node.source, pos);
        revert NotRecomputable();
    }

    /// Before the first step: nobody's claim.
    function initial(Context calldata context, Node memory node, uint256 pos) internal pure returns (uint32) {
        Source memory source = node.source;
        uint256 dtype = node.tensor.dtype;
        if (source.start == Encoding.START_CONSTANT) {
            return dtype == Encoding.F32 ? Binary64.toBinary32(source.real) : uint32(Binary64.toInt32(source.real));
        }
        uint256 integer = Threefry.bits(context.seed, source.stream, 0, pos) >> 8;
        if (integer == LEADING) return 0;
        // An integer of 24 bits is exact, and so is its 2^23rd part.
        uint32 value = Binary32.fromInt32(int32(int256(integer) - int256(LEADING))) - (23 << 23);
        return Binary32.mul(value, Binary64.toBinary32(source.real));
    }

    /// 1/keep with probability keep, else 0.
    function dropout(Context calldata context, Source memory source, uint256 pos) internal pure returns (uint32) {
        uint256 word = Threefry.bits(context.seed, source.stream, context.step, pos);
        return word >> 8 < Binary64.times2e24(source.real) ? Binary64.toBinary32(Binary64.reciprocal(source.real)) : 0;
    }

    /// Before the first step, of values that travel with the job. Proof: chunk | path in the tensor.
    function _given(Cursor memory proof, Node memory node, uint256 pos) private view returns (uint32 bits) {
        bytes32 chunk = Proof.word(proof);
        bits = uint32(Tensors.elementIn(chunk, node.tensor.dtype, pos));
        _same(node.constantRoot, Tensors.root(node.tensor, proof, chunk, pos));
    }

    /// Proof: entries u32 | index u32 | chunk | path in the tensor | path in the state.
    function _state(Context calldata context, Cursor memory proof, Node memory node, uint256 pos) private view returns (uint32 bits) {
        uint256 count = Proof.u32(proof);
        uint256 index = Proof.u32(proof);
        bytes32 chunk = Proof.word(proof);
        bits = uint32(Tensors.elementIn(chunk, node.tensor.dtype, pos));
        bytes32 root = Tensors.root(node.tensor, proof, chunk, pos);
        bytes32 entry = Merkle.stateEntry(node.source.name, node.tensor.dtype, node.tensor.dims, root);
        _same(context.stateRoot, Merkle.listRoot(proof, entry, index, count));
    }

    /// Proof: columns u32 | index u32 | rows u32 | held out u32 | start u64 | stride u64 | type of the stored tensor | chunk | path in the
    /// tensor | path in the columns.
    function _row(Context calldata context, Cursor memory proof, Node memory node, uint256 pos) private view returns (uint32) {
        uint256 count = Proof.u32(proof);
        uint256 index = Proof.u32(proof);
        uint256 rows = Proof.u32(proof);
        uint256 held = Proof.u32(proof);
        uint256 start = Proof.u64(proof);
        uint256 stride = Proof.u64(proof);
        Tensor memory stored = Tensors.read(proof);
        bytes32 chunk = Proof.word(proof);
        if (held >= rows) revert Threefry.NoRows();
        uint256 cell;
        {
            uint256 size = node.tensor.size;
            if (context.batch == 0 || size % context.batch != 0) revert BatchDoesNotDivide(size, context.batch);
            uint256 wide = size / context.batch;
            uint256 row = Threefry.row(context.seed, context.step, context.batch, pos / wide, rows, rows - held);
            cell = start + row * stride + (pos % wide);
        }
        bytes32 root = Tensors.root(stored, proof, chunk, cell);
        bytes32 entry = sha256(
            abi.encode(Encoding.COLUMN_TAG, node.source.dataset, node.source.column, rows, held, start, stride, root)
        );
        _same(context.columnsRoot, Merkle.listRoot(proof, entry, index, count));
        return _widened(stored.dtype, node.tensor.dtype, uint32(Tensors.elementIn(chunk, stored.dtype, cell)));
    }

    function _widened(uint256 from, uint256 to, uint32 bits) private pure returns (uint32) {
        if (from == to) return bits;
        if (from == Encoding.U8 && to == Encoding.I32) return bits;
        if ((from == Encoding.U8 || from == Encoding.I32) && to == Encoding.F32) return Binary32.fromInt32(int32(bits));
        revert TypesDoNotFit(from, to);
    }

    function _same(bytes32 expected, bytes32 found) private pure {
        if (expected != found) revert OtherRoot(expected, found);
    }
}
