// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../../src/Merkle.sol";
import {Descents} from "../../src/pinpoint/Descents.sol";
import {Descent, Level, Move, Opening, Outcome} from "../../src/pinpoint/IPinpoint.sol";
import {IReferee} from "../../src/pinpoint/IReferee.sol";
import {Standing} from "../../src/pinpoint/Standing.sol";
import {Machine, Machines} from "./Machine.sol";

/// @title The moves of somebody who believes a machine.
library Player {
    uint256 private constant STRIDE = 4;

    /// @param other What the other side believes, of which an honest player reads in the chain's events.
    function answer(Descent memory d, Machine memory mine, Machine memory other) internal view returns (Move memory m) {
        m.descent = Standing.pack(d);
        if (d.depth > 0) (m.branch, m.answer) = _difference(d, Machines.tree(mine, d), Machines.tree(other, d));
        else {
            m.answer = contents(d, mine);
            m.agreed = _agreed(d, mine);
        }
    }

    /// What opens the tree of `mine` where a descent stands.
    function open(Descent memory d, Machine memory mine) internal view returns (bytes32[] memory) {
        if (d.level == Level.Value) return new bytes32[](0);
        if (d.depth == 0) return contents(d, mine);
        uint256 stride = _stride(d);
        bytes32[] memory row = Machines.row(Machines.tree(mine, d), d.depth - stride);
        bytes32[] memory nodes = new bytes32[](1 << stride);
        for (uint256 i = 0; i < nodes.length; i++) nodes[i] = row[(uint256(d.index) << stride) + i];
        return nodes;
    }

    function contents(Descent memory d, Machine memory mine) internal view returns (bytes32[] memory) {
        uint256 i = d.index;
        if (d.level == Level.Run) {
            uint256 from = d.step + i * d.interval;
            uint256 steps = d.steps - i * d.interval < d.interval ? d.steps - i * d.interval : d.interval;
            bytes32[] memory entries = Machines.segment(mine, from, steps);
            bytes32[] memory path = Machines.path(entries, steps - 1, Merkle.depthOf(steps));
            return _join(Machines.stateRoot(mine, from + steps), Machines.root(entries), Machines.trace(mine, from + steps - 1), path);
        }
        if (d.level == Level.Attestation) {
            bytes32[] memory entries = Machines.segment(mine, d.step, d.steps);
            bytes32[] memory path = Machines.path(entries, d.steps - 1, Merkle.depthOf(d.steps));
            return _join(Machines.root(entries), Machines.stateRoot(mine, d.step + d.steps), path);
        }
        if (d.level == Level.Segment) {
            bytes32[] memory entries = Machines.operators(mine, d.step + i);
            return _join(entries[3], Machines.root(entries), Machines.path(entries, 3, 2));
        }
        bytes32[] memory none = new bytes32[](0);
        if (d.level == Level.Element) {
            bytes32[] memory held = Machines.partialsOf(mine, d.step, d.element);
            uint256 last = held.length - 1;
            return _join(Machines.root(held), held[last], Machines.path(held, last, Merkle.depthOf(held.length)));
        }
        bytes32 entry = Machines.tree(mine, d)[i];
        if (d.level == Level.Step) {
            bytes32[] memory below = i == 3 ? Machines.state(mine, d.step + 1) : Machines.tensor(mine, d.step, i);
            return _join(entry, Machines.root(below), none);
        }
        bytes32[] memory one = new bytes32[](1);
        one[0] = entry;
        return one;
    }

    function _agreed(Descent memory d, Machine memory mine) private view returns (bytes32[] memory) {
        uint256 i = d.index;
        if (i == 0 || (d.level != Level.Run && d.level != Level.Segment && d.level != Level.Terms)) return new bytes32[](0);
        bytes32[] memory entries = Machines.tree(mine, d);
        bytes32[] memory path = Machines.path(entries, i - 1, d.leftHeight);
        if (d.level == Level.Segment) return _join(Machines.stateRoot(mine, d.step + i), Machines.trace(mine, d.step + i - 1), path);
        bytes32[] memory given = new bytes32[](path.length + 1);
        given[0] = entries[i - 1];
        for (uint256 k = 0; k < path.length; k++) given[k + 1] = path[k];
        return given;
    }

    function _difference(Descent memory d, bytes32[] memory mine, bytes32[] memory other)
        private
        view
        returns (uint256 branch, bytes32[] memory given)
    {
        uint256 stride = _stride(d);
        uint256 height = d.depth - stride;
        uint256 index = uint256(d.index) << stride;
        {
            (bytes32[] memory a, bytes32[] memory b) = (Machines.row(mine, height), Machines.row(other, height));
            while (a[index + branch] == b[index + branch]) branch++;
            index += branch;
            given = new bytes32[](2 + 2 * stride);
            (given[0], given[1]) = (a[index], b[index]);
        }
        uint256 used = 2;
        for (uint256 i = 0; i < stride; i++) {
            uint256 sibling = (index >> i) ^ 1;
            given[used++] = Machines.row(mine, height + i)[sibling];
            if (sibling & 1 == 1) given[used++] = Machines.row(other, height + i)[sibling];
        }
        given = _cut(given, used);
    }

    function _stride(Descent memory d) private pure returns (uint256) {
        uint256 stride = 1;
        while ((d.depth + stride - 1) / stride > (d.depth + STRIDE - 1) / STRIDE) stride++;
        return d.depth == 0 ? 0 : stride;
    }

    function _cut(bytes32[] memory given, uint256 length) private pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](length);
        for (uint256 i = 0; i < length; i++) shorter[i] = given[i];
    }

    function _join(bytes32 a, bytes32 b, bytes32[] memory path) private pure returns (bytes32[] memory all) {
        all = new bytes32[](path.length + 2);
        (all[0], all[1]) = (a, b);
        for (uint256 i = 0; i < path.length; i++) all[i + 2] = path[i];
    }

    function _join(bytes32 a, bytes32 b, bytes32 c, bytes32[] memory path) private pure returns (bytes32[] memory all) {
        all = new bytes32[](path.length + 3);
        (all[0], all[1], all[2]) = (a, b, c);
        for (uint256 i = 0; i < path.length; i++) all[i + 3] = path[i];
    }
}

/// @title The library of the game as a contract, so that a test knows where a game stands.
contract Mirror {
    function start(Opening calldata opening, bytes32[] calldata first) external view returns (Descent memory) {
        return Descents.start(opening, first);
    }

    /// Where the descent stands after the answer of a move, before it opens anything.
    function after_(IReferee referee, uint256 side, Move calldata m) external view returns (Descent memory d, Outcome outcome) {
        d = Standing.unpack(m.descent);
        outcome = Descents.advance(referee, side, d, m);
    }

    function next(IReferee referee, uint256 side, Move calldata m) external view returns (Descent memory d, Outcome outcome) {
        d = Standing.unpack(m.descent);
        outcome = Descents.next(referee, side, d, m);
    }

    /// Where a game stands before its first move, with nothing opened.
    function begin(Opening calldata opening) external pure returns (Descent memory) {
        return Descents.begin(opening);
    }
}
