// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "./generated/Encoding.sol";
import {Node} from "./Node.sol";
import {Tensor} from "./Tensor.sol";

/// @title Index maps: which element of an operand an element of the result is made of.
/// @notice From shapes and attributes alone. Elements are counted row by row.
library Position {
    error ShapesDoNotFit(uint256 opcode);

    /// Element of an operand of shape `from` that stands at element `pos` of `to` when axes of length 1 are repeated. Only the first
    /// `fromRank` and `toRank` axes count.
    function broadcast(uint256 opcode, uint256[] memory from, uint256 fromRank, uint256[] memory to, uint256 toRank, uint256 pos)
        internal
        pure
        returns (uint256 flat)
    {
        unchecked {
            if (fromRank > toRank) revert ShapesDoNotFit(opcode);
            uint256 lead = toRank - fromRank;
            uint256 stride = 1;
            for (uint256 d = toRank; d > lead; d--) {
                uint256 dim = to[d - 1];
                uint256 own = from[d - 1 - lead];
                if (own != 1) {
                    if (own != dim) revert ShapesDoNotFit(opcode);
                    flat += (pos % dim) * stride;
                    stride *= own;
                }
                pos /= dim;
            }
        }
    }

    /// The same over all axes. Most operands have the shape of the result, and then nothing has to be taken apart.
    function broadcast(uint256 opcode, Tensor memory from, Tensor memory to, uint256 pos) internal pure returns (uint256) {
        uint256[] memory a = from.dims;
        uint256[] memory b = to.dims;
        bool same;
        assembly ("memory-safe") {
            // The rank and the axes.
            let count := shl(5, add(mload(b), 1))
            same := eq(mload(a), mload(b))
            if same { same := eq(keccak256(a, count), keccak256(b, count)) }
        }
        if (same) return pos;
        return broadcast(opcode, from.dims, from.dims.length, to.dims, to.dims.length, pos);
    }

    /// Of the operators that move elements of one operand. `outside` where Pad fills up with a zero.
    function moved(Node memory node, Tensor memory from, uint256 pos) internal pure returns (uint256 flat, bool outside) {
        uint256 opcode = node.opcode;
        if (opcode == Encoding.RESHAPE) {
            if (from.size != node.tensor.size) revert ShapesDoNotFit(opcode);
            return (pos, false);
        }
        if (opcode == Encoding.EXPAND) return (broadcast(opcode, from, node.tensor, pos), false);
        uint256[] memory dims = node.tensor.dims;
        uint256 rank = dims.length;
        if (from.dims.length != rank) revert ShapesDoNotFit(opcode);
        for (uint256 i = 0; i < node.attributes.length; i++) {
            if (node.attributes[i].length != rank) revert ShapesDoNotFit(opcode);
        }
        uint256[] memory strides = _strides(from.dims);
        uint256[] memory first = node.attributes[0];
        for (uint256 d = rank; d > 0; ) {
            d--;
            uint256 coordinate = pos % dims[d];
            pos /= dims[d];
            uint256 axis = d;
            if (opcode == Encoding.TRANSPOSE) {
                axis = first[d];
                if (axis >= rank) revert ShapesDoNotFit(opcode);
            } else if (opcode == Encoding.SLICE) {
                coordinate = first[d] + coordinate * node.attributes[2][d];
            } else {
                // Pad: before, after.
                if (coordinate < first[d] || coordinate - first[d] >= from.dims[d]) {
                    outside = true;
                    continue;
                }
                coordinate -= first[d];
            }
            if (coordinate >= from.dims[axis]) revert ShapesDoNotFit(opcode);
            flat += coordinate * strides[axis];
        }
    }

    /// Concat: where along the axis element `pos` lies, and what surrounds it: flat = (outer * length + along) * inner + within.
    function split(Node memory node, uint256 pos) internal pure returns (uint256 outer, uint256 along, uint256 within, uint256 inner) {
        uint256 axis = node.attributes[0][0];
        uint256[] memory dims = node.tensor.dims;
        if (axis >= dims.length) revert ShapesDoNotFit(node.opcode);
        inner = 1;
        for (uint256 d = axis + 1; d < dims.length; d++) inner *= dims[d];
        within = pos % inner;
        along = (pos / inner) % dims[axis];
        outer = pos / inner / dims[axis];
    }

    /// Dot: elements of both operands that make term `k`.
    function terms(Node memory node, Tensor memory a, Tensor memory b, uint256 pos, uint256 k) internal pure returns (uint256, uint256) {
        unchecked {
            uint256 rank = node.tensor.dims.length;
            (uint256 rankA, uint256 rankB) = (a.dims.length, b.dims.length);
            uint256 count = depth(node, a);
            uint256 rows = node.tensor.dims[rank - 2];
            uint256 columns = node.tensor.dims[rank - 1];
            if (rankB < 2 || b.dims[rankB - 2] != count || b.dims[rankB - 1] != columns || a.dims[rankA - 2] != rows) {
                revert ShapesDoNotFit(node.opcode);
            }
            uint256 batch = pos / (rows * columns);
            uint256 matrixA = broadcast(node.opcode, a.dims, rankA - 2, node.tensor.dims, rank - 2, batch);
            uint256 matrixB = broadcast(node.opcode, b.dims, rankB - 2, node.tensor.dims, rank - 2, batch);
            return ((matrixA * rows + (pos / columns) % rows) * count + k, (matrixB * count + k) * columns + pos % columns);
        }
    }

    /// How many terms an element of a reduction folds.
    function depth(Node memory node, Tensor memory a) internal pure returns (uint256 count) {
        uint256 rank = a.dims.length;
        if (node.opcode == Encoding.DOT) {
            if (rank < 2 || node.tensor.dims.length < 2) revert ShapesDoNotFit(node.opcode);
            return a.dims[rank - 1];
        }
        count = 1;
        uint256[] memory axes = node.attributes[0];
        for (uint256 i = 0; i < axes.length; i++) {
            if (axes[i] >= rank || (i > 0 && axes[i] <= axes[i - 1])) revert ShapesDoNotFit(node.opcode);
            count *= a.dims[axes[i]];
        }
    }

    /// ReduceMax: element of the operand that is term `k`; the axes folded turn as an odometer, the last one fastest.
    function reduced(Node memory node, Tensor memory a, uint256 pos, uint256 k) internal pure returns (uint256 flat) {
        unchecked {
            uint256[] memory axes = node.attributes[0];
            uint256[] memory dims = node.tensor.dims;
            if (dims.length != a.dims.length) revert ShapesDoNotFit(node.opcode);
            uint256 left = axes.length;
            uint256 stride = 1;
            for (uint256 d = dims.length; d > 0; ) {
                d--;
                uint256 dim = a.dims[d];
                if (left > 0 && axes[left - 1] == d) {
                    left--;
                    if (dims[d] != 1) revert ShapesDoNotFit(node.opcode);
                    flat += (k % dim) * stride;
                    k /= dim;
                } else {
                    if (dims[d] != dim) revert ShapesDoNotFit(node.opcode);
                    flat += (pos % dim) * stride;
                    pos /= dim;
                }
                stride *= dim;
            }
        }
    }

    function _strides(uint256[] memory dims) private pure returns (uint256[] memory strides) {
        strides = new uint256[](dims.length);
        uint256 stride = 1;
        for (uint256 d = dims.length; d > 0; ) {
            d--;
            strides[d] = stride;
            stride *= dims[d];
        }
    }
}
