// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../../src/Merkle.sol";
import {Proof} from "../../src/Proof.sol";
import {Encoding} from "../../src/generated/Encoding.sol";
import {Descent, Level} from "../../src/pinpoint/IPinpoint.sol";
import {Paths} from "../../src/pinpoint/Paths.sol";

/// What somebody takes the counting machine to compute: the truth, or one value too many by one and what follows from that.
struct Machine {
    uint64 elements;
    uint32 terms;
    bool lies;
    /// Operator 3 is the state, and its element a state entry.
    uint256 step;
    uint256 operator;
    uint256 element;
    uint256 term;
    uint256 by;
}

/// @title The trees of a machine that counts (CountingReferee), leaf by leaf.
library Machines {
    uint256 internal constant ENTRIES = 4;

    function value(Machine memory m, uint256 step, uint256 operator, uint256 e) internal pure returns (uint256) {
        bool here = m.lies && m.element == e && m.operator < 3;
        if (operator == 1) return m.terms + (here && step == m.step && m.operator == 1 ? m.by : 0);
        uint256 x = step * m.terms + e + (here && step > m.step ? m.by : 0) + (here && step == m.step && m.operator == 0 ? m.by : 0);
        if (operator == 0) return x;
        return x + value(m, step, 1, e) + (here && step == m.step && m.operator == 2 ? m.by : 0);
    }

    function partialsOf(Machine memory m, uint256 step, uint256 e) internal pure returns (bytes32[] memory) {
        uint256[] memory values = new uint256[](m.terms);
        bool here = m.lies && m.element == e && m.operator == 1 && m.step == step;
        for (uint256 k = 0; k < values.length; k++) values[k] = k + 1 + (here && k >= m.term ? m.by : 0);
        return chunks(values);
    }

    function tensor(Machine memory m, uint256 step, uint256 operator) internal pure returns (bytes32[] memory) {
        // A lie behind the last element is in what fills up the last chunk.
        bool behind = m.lies && m.element >= m.elements && m.operator == operator && m.step == step;
        uint256[] memory values = new uint256[](behind ? m.element + 1 : m.elements);
        for (uint256 e = 0; e < m.elements; e++) values[e] = value(m, step, operator, e);
        if (behind) values[m.element] = m.by;
        return chunks(values);
    }

    /// Entries of the state after that many steps.
    function state(Machine memory m, uint256 steps) internal view returns (bytes32[] memory entries) {
        entries = new bytes32[](2);
        uint256[] memory dims = new uint256[](1);
        dims[0] = m.elements;
        for (uint256 p = 0; p < 2; p++) {
            bytes32[] memory held = steps == 0 ? tensor(m, 0, 0) : tensor(m, steps - 1, 2 - p);
            entries[p] = Merkle.stateEntry(bytes32(p), Encoding.F32, dims, tensorRoot(m.elements, held));
        }
        if (m.lies && m.operator == 3 && steps == m.step + 1) entries[m.element] ^= bytes32(uint256(1));
    }

    function stateRoot(Machine memory m, uint256 steps) internal view returns (bytes32) {
        return sha256(abi.encode(Encoding.LIST_TAG, uint256(2), root(state(m, steps))));
    }

    function operators(Machine memory m, uint256 step) internal view returns (bytes32[] memory entries) {
        entries = new bytes32[](ENTRIES);
        for (uint256 i = 0; i < 3; i++) entries[i] = tensorRoot(m.elements, tensor(m, step, i));
        entries[3] = stateRoot(m, step + 1);
    }

    function trace(Machine memory m, uint256 step) internal view returns (bytes32) {
        return sha256(abi.encode(Encoding.LIST_TAG, ENTRIES, root(operators(m, step))));
    }

    function segment(Machine memory m, uint256 from, uint256 steps) internal view returns (bytes32[] memory entries) {
        entries = new bytes32[](steps);
        for (uint256 i = 0; i < steps; i++) entries[i] = Paths.stepEntry(stateRoot(m, from + i + 1), trace(m, from + i));
    }

    function run(Machine memory m, uint256 from, uint256 steps, uint256 interval) internal view returns (bytes32[] memory entries) {
        entries = new bytes32[]((steps + interval - 1) / interval);
        for (uint256 i = 0; i < entries.length; i++) {
            uint256 done = (i + 1) * interval;
            entries[i] = stateRoot(m, from + (done < steps ? done : steps));
        }
    }

    /// Entries of the tree that a descent is in.
    function tree(Machine memory m, Descent memory d) internal view returns (bytes32[] memory) {
        if (d.level == Level.Run) return run(m, d.step, d.steps, d.interval);
        if (d.level == Level.Segment) return segment(m, d.step, d.count);
        if (d.level == Level.Step) return operators(m, d.step);
        if (d.level == Level.State) return state(m, d.step + 1);
        if (d.level == Level.Tensor) return tensor(m, d.step, d.operator);
        return partialsOf(m, d.step, d.element);
    }

    function tensorRoot(uint256 elements, bytes32[] memory held) internal view returns (bytes32) {
        return sha256(abi.encode(Encoding.TENSOR_TAG, Encoding.F32, uint256(1), elements, root(held)));
    }

    function chunks(uint256[] memory values) internal pure returns (bytes32[] memory held) {
        held = new bytes32[]((values.length + 7) / 8);
        for (uint256 i = 0; i < values.length; i++) {
            held[i / 8] |= bytes32(Proof.swap32(values[i]) << (224 - 32 * (i % 8)));
        }
    }

    /// All nodes of the tree over `entries` at that height above its leaves.
    function row(bytes32[] memory entries, uint256 height) internal view returns (bytes32[] memory nodes) {
        uint256 width = 1 << Merkle.depthOf(entries.length);
        nodes = new bytes32[](width);
        for (uint256 i = 0; i < entries.length; i++) nodes[i] = Merkle.leaf(entries[i]);
        for (; height > 0; height--) {
            width /= 2;
            bytes32[] memory above = new bytes32[](width);
            for (uint256 i = 0; i < width; i++) above[i] = Merkle.pair(nodes[2 * i], nodes[2 * i + 1]);
            nodes = above;
        }
    }

    function root(bytes32[] memory entries) internal view returns (bytes32) {
        return row(entries, Merkle.depthOf(entries.length))[0];
    }

    /// Siblings of a leaf from the lowest up to `height`.
    function path(bytes32[] memory entries, uint256 index, uint256 height) internal view returns (bytes32[] memory siblings) {
        siblings = new bytes32[](height);
        for (uint256 i = 0; i < height; i++) siblings[i] = row(entries, i)[(index >> i) ^ 1];
    }
}
