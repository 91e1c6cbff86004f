// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../Merkle.sol";
import {Tensors} from "../Tensor.sol";

/// @title Hashes along paths that moves bring with them.
library Paths {
    bytes32 internal constant STEP_TAG = "gensyn/step/v1";

    /// Entry of a step in the tree of its interval.
    function stepEntry(bytes32 state, bytes32 trace) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(STEP_TAG, state, trace));
    }

    /// Root above leaf `index`, by all of `path` from the leaf's sibling up.
    function rootOf(bytes32 node, uint256 index, bytes32[] calldata path) internal view returns (bytes32) {
        unchecked {
            for (uint256 i = 0; i < path.length; i++) {
                node = index & 1 == 0 ? Merkle.pair(node, path[i]) : Merkle.pair(path[i], node);
                index >>= 1;
            }
            return node;
        }
    }

    /// First element in which two chunks differ, and its bits in each.
    function firstDifference(bytes32 a, bytes32 b, uint256 dtype) internal pure returns (uint256 i, bytes32 bitsA, bytes32 bitsB) {
        for (;; i++) {
            bitsA = bytes32(Tensors.bitsIn(a, dtype, i));
            bitsB = bytes32(Tensors.bitsIn(b, dtype, i));
            if (bitsA != bitsB) return (i, bitsA, bitsB);
        }
    }
}
