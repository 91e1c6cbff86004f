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
        return chunks < 2 ? 0 : Math.log2(chunks - 1) + 1;
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

    /// Root of the tree of `count` leaves in which leaf `index` holds `chunk`, by as many siblings of the proof as the tree is deep.
    function root(Cursor memory proof, bytes32 chunk, uint256 index, uint256 count) internal view returns (bytes32 digest) {
        if (index >= count) revert IndexBeyondCount(index, count);
        digest = leaf(chunk);
        uint256 bytesOfPath = depthOf(count) << 5;
        uint256 pos = Proof.take(proof, bytesOfPath);
        bool hashed = true;
        assembly ("memory-safe") {
            for { let end := add(pos, bytesOfPath) } lt(pos, end) { pos := add(pos, 0x20) } {
                let side := shl(5, and(index, 1))
                mstore(side, digest)
                mstore(xor(side, 0x20), calldataload(pos))
                hashed := and(hashed, and(eq(returndatasize(), 0x20), staticcall(gas(), 2, 0x00, 0x40, 0x00, 0x20)))
                digest := mload(0x00)
                index := shr(1, index)
            }
        }
        if (!hashed) revert HashFailed();
    }

    /// Root of a list of `count` digests of which number `index` is `entry`.
    function listRoot(Cursor memory proof, bytes32 entry, uint256 index, uint256 count) internal view returns (bytes32) {
        return sha256(abi.encode(Encoding.LIST_TAG, count, root(proof, entry, index, count)));
    }

    function tensorRoot(uint256 dtype, uint256[] memory dims, bytes32 treeRoot) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(Encoding.TENSOR_TAG, dtype, dims.length, dims, treeRoot));
    }

    function stateEntry(bytes32 name, uint256 dtype, uint256[] memory dims, bytes32 root_) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(Encoding.STATE_ENTRY_TAG, name, dtype, dims.length, dims, root_));
    }
}
