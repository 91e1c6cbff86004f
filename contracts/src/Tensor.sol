// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "./generated/Encoding.sol";
import {Cursor, Proof} from "./Proof.sol";
import {Merkle} from "./Merkle.sol";

/// The type of a tensor.
struct Tensor {
    uint256 dtype;
    uint256[] dims;
    /// Number of elements.
    uint256 size;
}

/// @title Tensors: types, places of elements in chunks, elements out of chunks.
library Tensors {
    error UnknownType(uint256 dtype);
    error RankTooHigh(uint256 rank);
    error BadShape(uint256[] dims);
    error IndexBeyondTensor(uint256 index, uint256 size);
    error NotCanonical(uint256 dtype, uint256 bits);

    /// Kernels go up to 8 axes.
    uint256 internal constant MAX_RANK = 8;
    /// Sizes below this one fit every product of two of them.
    uint256 private constant MAX_SIZE = 1 << 53;

    /// Reads dtype u8 | rank u8 | dims u32[rank].
    function read(Cursor memory proof) internal pure returns (Tensor memory tensor) {
        uint256 pos = Proof.take(proof, 2);
        uint256 dtype;
        uint256 rank;
        assembly ("memory-safe") {
            let word := calldataload(pos)
            dtype := byte(0, word)
            rank := byte(1, word)
        }
        if (rank > MAX_RANK) revert RankTooHigh(rank);
        uint256[] memory dims = new uint256[](rank);
        // A product of 8 numbers below 2^32 is below 2^256.
        uint256 size = 1;
        pos = Proof.take(proof, rank << 2);
        assembly ("memory-safe") {
            // All dims at once; what stands behind the last one is not used.
            let word := calldataload(pos)
            let odd := 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff
            word := or(and(shr(8, word), odd), shl(8, and(word, odd)))
            let low := 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff
            word := or(and(shr(16, word), low), shl(16, and(word, low)))
            let to := add(dims, 0x20)
            for { let end := add(to, shl(5, rank)) } lt(to, end) { to := add(to, 0x20) } {
                let dim := shr(224, word)
                mstore(to, dim)
                size := mul(size, dim)
                word := shl(32, word)
            }
        }
        if (size == 0 || size >= MAX_SIZE) revert BadShape(dims);
        tensor.dtype = dtype;
        tensor.dims = dims;
        tensor.size = size;
    }

    /// Bytes of one element.
    function width(uint256 dtype) internal pure returns (uint256) {
        if (dtype == Encoding.F32 || dtype == Encoding.I32) return 4;
        if (dtype == Encoding.BOOL || dtype == Encoding.U8) return 1;
        revert UnknownType(dtype);
    }

    /// Chunk that holds element `index`, and how many chunks there are.
    function place(Tensor memory tensor, uint256 index) internal pure returns (uint256 chunk, uint256 chunks) {
        if (index >= tensor.size) revert IndexBeyondTensor(index, tensor.size);
        unchecked {
            uint256 each = width(tensor.dtype);
            return ((index * each) >> 5, (tensor.size * each + 31) >> 5);
        }
    }

    /// Bits of element `index`, whatever they are.
    function bitsIn(bytes32 chunk, uint256 dtype, uint256 index) internal pure returns (uint256) {
        unchecked {
            if (width(dtype) == 1) return uint8(chunk[index & 31]);
            return Proof.swap32((uint256(chunk) >> (224 - ((index & 7) << 5))) & 0xffffffff);
        }
    }

    /// Bits of element `index`, which must be one of a canonical graph: finite, and normal or zero; a bool 0 or 1.
    function elementIn(bytes32 chunk, uint256 dtype, uint256 index) internal pure returns (uint256 bits) {
        bits = bitsIn(chunk, dtype, index);
        if (dtype == Encoding.F32) {
            uint256 exponent = bits & 0x7f800000;
            if (exponent == 0x7f800000 || (exponent == 0 && bits & 0x7fffff != 0)) revert NotCanonical(dtype, bits);
        } else if (dtype == Encoding.BOOL && bits > 1) {
            revert NotCanonical(dtype, bits);
        }
    }

    /// Whether the bytes after the last element of a tensor, which fill its last chunk up, are zeros.
    function cleanEnd(Tensor memory tensor, bytes32 chunk, uint256 chunkIndex) internal pure returns (bool) {
        unchecked {
            uint256 left = tensor.size * width(tensor.dtype) - (chunkIndex << 5);
            return left >= 32 || uint256(chunk) << (left << 3) == 0;
        }
    }

    /// Root of a tensor of this type in which element `index` stands in `chunk`.
    function root(Tensor memory tensor, Cursor memory proof, bytes32 chunk, uint256 index) internal view returns (bytes32) {
        (uint256 pos, uint256 count) = place(tensor, index);
        return Merkle.tensorRoot(tensor.dtype, tensor.dims, Merkle.root(proof, chunk, pos, count));
    }
}
