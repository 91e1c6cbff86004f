// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Descent, Level} from "./IPinpoint.sol";
import {NO_TERM} from "./IReferee.sol";

/// @title A descent in as few words as it has contents: what moves bring, events tell and games store the hash of.
/// @notice Numbers first, packed from the highest bits down: step u64, steps u64, interval u64, entries u32, level u8, depth u8,
/// leftHeight u8, dtype u8; then index u64, count u64, element u64, operator u32, terms u32; then job, graph, before and both nodes. What
/// follows is there when it means something: `left`, while the path has one; `opened`, at a leaf; from a step on `traces`, below it elements u64
/// with term u64; below an element `partials`.
library Standing {
    uint8 internal constant NO_LEFT = type(uint8).max;
    uint256 private constant MOST_WORDS = 15;

    /// The words of a descent. Each has one form: `unpack` takes these words apart, and no others ever have a hash that is stored.
    function pack(Descent memory d) internal pure returns (bytes32[] memory words) {
        unchecked {
            words = new bytes32[](MOST_WORDS);
            words[0] = bytes32(
                uint256(d.step) << 192 | uint256(d.steps) << 128 | uint256(d.interval) << 64 | uint256(d.entries) << 32 | uint256(d.level) << 24
                    | uint256(d.depth) << 16 | uint256(d.leftHeight) << 8 | d.dtype
            );
            words[1] =
                bytes32(uint256(d.index) << 192 | uint256(d.count) << 128 | uint256(d.element) << 64 | uint256(d.operator) << 32 | d.terms);
            (words[2], words[3], words[4], words[5], words[6]) = (d.job, d.graph, d.before, d.nodes[0], d.nodes[1]);
            uint256 used = 7;
            if (d.leftHeight != NO_LEFT) words[used++] = d.left;
            if (_atLeaf(d)) used = _put(words, used, d.opened);
            if (d.level >= Level.Step) used = _put(words, used, d.traces);
            if (d.level > Level.Step) words[used++] = bytes32(uint256(d.elements) << 64 | d.term);
            if (_hasPartials(d)) used = _put(words, used, d.partials);
            // Shorter in place: what lies behind is nobody's.
            assembly ("memory-safe") {
                mstore(words, used)
            }
        }
    }

    function unpack(bytes32[] calldata words) internal pure returns (Descent memory d) {
        unchecked {
            uint256 word = uint256(words[0]);
            (d.step, d.steps, d.interval, d.entries) = (uint64(word >> 192), uint64(word >> 128), uint64(word >> 64), uint32(word >> 32));
            (d.level, d.depth, d.leftHeight, d.dtype) = (Level(uint8(word >> 24)), uint8(word >> 16), uint8(word >> 8), uint8(word));
            word = uint256(words[1]);
            (d.index, d.count, d.element) = (uint64(word >> 192), uint64(word >> 128), uint64(word >> 64));
            (d.operator, d.terms) = (uint32(word >> 32), uint32(word));
            (d.job, d.graph, d.before) = (words[2], words[3], words[4]);
            (d.nodes[0], d.nodes[1]) = (words[5], words[6]);
            uint256 used = 7;
            if (d.leftHeight != NO_LEFT) d.left = words[used++];
            if (_atLeaf(d)) (d.opened, used) = (_two(words, used), used + 2);
            if (d.level >= Level.Step) (d.traces, used) = (_two(words, used), used + 2);
            if (d.level > Level.Step) {
                word = uint256(words[used++]);
                (d.elements, d.term) = (uint64(word >> 64), uint64(word));
            }
            if (_hasPartials(d)) d.partials = _two(words, used);
        }
    }

    /// keccak256(abi.encodePacked(words)), without the copy.
    function hashOf(bytes32[] memory words) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(words, 0x20), shl(5, mload(words)))
        }
    }

    function _put(bytes32[] memory words, uint256 used, bytes32[2] memory two) private pure returns (uint256) {
        (words[used], words[used + 1]) = (two[0], two[1]);
        return used + 2;
    }

    function _two(bytes32[] calldata words, uint256 used) private pure returns (bytes32[2] memory) {
        return [words[used], words[used + 1]];
    }

    function _atLeaf(Descent memory d) private pure returns (bool) {
        return d.depth == 0 && d.level != Level.Value;
    }

    function _hasPartials(Descent memory d) private pure returns (bool) {
        return d.level == Level.Terms || (d.level == Level.Value && d.term != NO_TERM);
    }
}
