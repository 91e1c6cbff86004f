// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Cursor, Proof} from "./Proof.sol";
import {Encoding} from "./generated/Encoding.sol";

/// @title Roots of tensors and lists, recomputed from one opened chunk.
/// @notice A leaf is SHA256(chunk, LEAF_TAG), a node SHA256(left, right); leaves missing up to 2^depth are zeros, which no chunk
/// hashes to. The depth follows from a registered shape or count, never from a proof.
library Merkle {
    error IndexBeyondCount(uint256 index, uint256 count);
    error HashFailed();

    /// Depth of the tree over that many chunks: the smallest d with 2^d >= chunks.
    function depthOf(uint256 chunks) internal pure returns (uint256) {
        unchecked {
            return chunks < 2 ? 0 : Math.log2(chunks - 1) + 1;
        }
    }

    function leaf(bytes32 chunk) internal view returns (bytes32) {
        return pair(chunk, Encoding.LEAF_TAG);
    }

    function pair(bytes32 left, bytes32 right) internal view returns (bytes32 digest) {
        bool hashed;
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            // Arguments are evaluated from the right: first the call, then the size of its answer.
            hashed := and(eq(returndatasize(), 0x20), staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20))
            digest := mload(0x00)
        }
        if (!hashed) revert HashFailed();
    }

    /// Root of a whole tree over nodes of one row, a power of two of them.
    function rootOfAll(bytes32[] calldata nodes) internal view returns (bytes32 digest) {
        bool hashed = true;
        assembly ("memory-safe") {
            let row := mload(0x40)
            calldatacopy(row, nodes.offset, shl(5, nodes.length))
            // Each row is written over the front of the one below, which has been read by then.
            for { let width := shl(4, nodes.length) } gt(width, 0x10) { width := shr(1, width) } {
                for { let to := 0 } lt(to, width) { to := add(to, 0x20) } {
                    hashed := and(hashed, staticcall(gas(), 2, add(row, shl(1, to)), 0x40, add(row, to), 0x20))
                }
            }
            digest := mload(row)
        }
        if (!hashed) revert HashFailed();
    }

    /// Root of the tree of that height over chunks, of which there are no more than it has leaves.
    function rootOver(bytes32[] memory chunks, uint256 height) internal view returns (bytes32) {
        unchecked {
            bytes32[] memory row = new bytes32[](1 << height);
            for (uint256 i = 0; i < chunks.length; i++) row[i] = leaf(chunks[i]);
            for (uint256 width = row.length >> 1; width > 0; width >>= 1) {
                for (uint256 i = 0; i < width; i++) row[i] = pair(row[2 * i], row[2 * i + 1]);
            }
            return row[0];
        }
    }

    /// Root of the tree of `count` leaves in which leaf `index` holds `chunk`, by as many siblings of the proof as the tree is deep.
    function root(Cursor memory proof, bytes32 chunk, uint256 index, uint256 count) internal view returns (bytes32 digest) {
        if (index >= count) revert IndexBeyondCount(index, count);
        digest = leaf(chunk);
        uint256 bytesOfPath = depthOf(count) << 5;
        uint256 pos = Proof.take(proof, bytesOfPath);
        assembly ("memory-safe") {
            let end := add(pos, bytesOfPath)
            // A digest is written to where it stands in the next message: in front of its sibling, or behind it.
            let places := shl(5, index)
            let side := and(places, 0x20)
            mstore(side, digest)
            for {} lt(pos, end) {} {
                mstore(xor(side, 0x20), calldataload(pos))
                places := shr(1, places)
                side := and(places, 0x20)
                // A hash fails when gas runs out, and then nothing moves on until all of it has.
                pos := add(pos, shl(5, staticcall(gas(), 2, 0x00, 0x40, side, 0x20)))
            }
            digest := mload(side)
        }
    }

    /// Root of a list of `count` digests of which number `index` is `entry`.
    function listRoot(Cursor memory proof, bytes32 entry, uint256 index, uint256 count) internal view returns (bytes32) {
        bytes32 tree = root(proof, entry, index, count);
        bytes32 tag = Encoding.LIST_TAG;
        uint256 message;
        assembly ("memory-safe") {
            message := mload(0x40)
            mstore(message, tag)
            mstore(add(message, 0x20), count)
            mstore(add(message, 0x40), tree)
        }
        return _hash(message, 0x60);
    }

    function tensorRoot(uint256 dtype, uint256[] memory dims, bytes32 treeRoot) internal view returns (bytes32) {
        bytes32 tag = Encoding.TENSOR_TAG;
        uint256 message;
        assembly ("memory-safe") {
            message := mload(0x40)
            mstore(message, tag)
        }
        return _typed(message, 0x20, dtype, dims, treeRoot);
    }

    function stateEntry(bytes32 name, uint256 dtype, uint256[] memory dims, bytes32 root_) internal view returns (bytes32) {
        bytes32 tag = Encoding.STATE_ENTRY_TAG;
        uint256 message;
        assembly ("memory-safe") {
            message := mload(0x40)
            mstore(message, tag)
            mstore(add(message, 0x20), name)
        }
        return _typed(message, 0x40, dtype, dims, root_);
    }

    /// Hashes a message that begins with `size` bytes, with dtype, rank, dims and `last` behind them.
    function _typed(uint256 message, uint256 size, uint256 dtype, uint256[] memory dims, bytes32 last) private view returns (bytes32) {
        assembly ("memory-safe") {
            let to := add(message, size)
            mstore(to, dtype)
            to := add(to, 0x20)
            // The length of the array, which is the rank, and its entries.
            let count := shl(5, add(mload(dims), 1))
            mcopy(to, dims, count)
            to := add(to, count)
            mstore(to, last)
            size := sub(add(to, 0x20), message)
        }
        return _hash(message, size);
    }

    function _hash(uint256 message, uint256 size) private view returns (bytes32 digest) {
        bool hashed;
        assembly ("memory-safe") {
            hashed := and(eq(returndatasize(), 0x20), staticcall(gas(), 2, message, size, 0x00, 0x20))
            digest := mload(0x00)
        }
        if (!hashed) revert HashFailed();
    }
}
