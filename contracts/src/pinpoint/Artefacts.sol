// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "../generated/Encoding.sol";
import {Merkle} from "../Merkle.sol";
import {Tensors} from "../Tensor.sol";
import {Answer, IPinpoint, Place} from "./IPinpoint.sol";
import {Paths} from "./Paths.sol";

/// @title What an answer to a demand has to show: bytes of a state, all the way up to the root of the claim, or that there are none there.
/// @notice Whether the bytes are right is another game. These are the ones that the claim is over.
library Artefacts {
    /// Height of the subtree that a piece is: 128 chunks, 4 KiB.
    uint256 internal constant HEIGHT = 7;

    /// Of no whole number of words: a standing (`Standing`) never has this hash, so no move is made in the game of a demand.
    function hashOf(Place calldata p) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("gensyn/demand", p.root, p.records, p.record, p.entry, p.piece));
    }

    function check(Place calldata p, Answer calldata a) internal view {
        _under(p.root, Merkle.leaf(a.state), p.record - 1, a.record, Merkle.depthOf(p.records));
        _bound(sha256(abi.encode(Encoding.LIST_TAG, a.count, a.list)), a.state);
        // The header is the answer where the state has no such entry.
        if (p.entry >= a.count) return _length(a.chunks.length, 0);
        bytes32 digest = Merkle.stateEntry(a.name, a.dtype, a.dims, Merkle.tensorRoot(a.dtype, a.dims, a.tensor));
        _under(a.list, Merkle.leaf(digest), p.entry, a.entry, Merkle.depthOf(a.count));
        uint256 chunks = Tensors.width(a.dtype);
        for (uint256 i = 0; i < a.dims.length; i++) chunks *= a.dims[i];
        chunks = (chunks + 31) / 32;
        // And where the tensor ends before the piece.
        uint256 first = uint256(p.piece) << HEIGHT;
        if (first >= chunks) return _length(a.chunks.length, 0);
        uint256 depth = Merkle.depthOf(chunks);
        uint256 height = depth < HEIGHT ? depth : HEIGHT;
        uint256 left = chunks - first;
        _length(a.chunks.length, left < 1 << HEIGHT ? left : 1 << HEIGHT);
        _under(a.tensor, Merkle.rootOver(a.chunks, height), p.piece, a.path, depth - height);
    }

    function _under(bytes32 root, bytes32 node, uint256 index, bytes32[] calldata path, uint256 depth) private view {
        _length(path.length, depth);
        _bound(Paths.rootOf(node, index, path), root);
    }

    function _length(uint256 found, uint256 expected) private pure {
        if (found != expected) revert IPinpoint.WrongLength(found, expected);
    }

    function _bound(bytes32 found, bytes32 expected) private pure {
        if (found != expected) revert IPinpoint.NotBound(found, expected);
    }
}
