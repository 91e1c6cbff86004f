// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../Merkle.sol";
import {Tensors} from "../Tensor.sol";
import {Encoding} from "../generated/Encoding.sol";
import {Descent, IPinpoint, Level, Move, Opening, Outcome} from "./IPinpoint.sol";
import {IReferee, Layout, NO_TERM} from "./IReferee.sol";
import {Paths} from "./Paths.sol";
import {Standing} from "./Standing.sol";

/// @title One descent through the trees of a run.
/// @notice Whoever moves first answers what the other side has opened: it shows where the sides differ, with everything left of that
/// the same; then it opens the next part of its own tree. Left siblings are given once for both sides, so what is
/// shown can only be the leftmost difference. Where a leaf is reached both sides say what is in it, and the trees below take over.
library Descents {
    /// Most binary levels that a move goes down.
    uint256 internal constant STRIDE = 4;
    uint256 private constant CHUNK_ELEMENTS = 8;

    /// Where a game begins, with the challenger's root opened.
    function start(Opening calldata o, bytes32[] calldata first) internal view returns (Descent memory d) {
        d = begin(o);
        _open(d, 1, first);
    }

    function begin(Opening calldata o) internal pure returns (Descent memory d) {
        if (o.level > Level.Attestation) revert IPinpoint.NotOpenable(o.level);
        (d.job, d.graph, d.entries, d.interval) = (o.job, o.graph, o.entries, o.interval);
        (d.step, d.steps, d.before) = (o.step, o.steps, o.before);
        uint256 leaves = o.level == Level.Run ? (uint256(o.steps) + o.interval - 1) / o.interval : 1;
        _enter(d, o.level, leaves, o.roots[0], o.roots[1]);
    }

    /// Moves the descent on by a move of `side`. An outcome other than Open ends the game.
    function next(IReferee referee, uint256 side, Descent memory d, Move calldata m) internal view returns (Outcome outcome) {
        outcome = advance(referee, side, d, m);
        if (outcome != Outcome.Open) return outcome;
        if (d.level != Level.Value) _open(d, side, m.open);
        else if (m.open.length != 0) revert IPinpoint.WrongLength(m.open.length, 0);
    }

    /// The same before `side` opens anything more of its own.
    function advance(IReferee referee, uint256 side, Descent memory d, Move calldata m) internal view returns (Outcome) {
        if (d.level == Level.Value) revert IPinpoint.NotOpenable(d.level);
        if (d.depth > 0) {
            _descend(d, side, m.branch, m.answer);
            // What is missing up to a power of two is zeros, on every honest side.
            return d.depth == 0 && d.index >= d.count ? whoHas(d.nodes, 0) : Outcome.Open;
        }
        (bytes32 mine, bytes32 below) = _contents(d, side, m.answer);
        return _cross(d, referee, side, mine, below, m);
    }

    /// Whose value is the right one.
    function whoHas(bytes32[2] memory values, bytes32 right) internal pure returns (Outcome) {
        if (values[0] == right) return Outcome.Defender;
        return values[1] == right ? Outcome.Challenger : Outcome.Neither;
    }

    function _descend(Descent memory d, uint256 side, uint256 branch, bytes32[] calldata answer) private view {
        unchecked {
            uint256 stride = _stride(d.depth);
            if (branch >> stride != 0) revert IPinpoint.NoSuchBranch(branch, 1 << stride);
            uint256 length = 2;
            for (uint256 i = 0; i < stride; i++) length += branch >> i & 1 == 1 ? 1 : 2;
            if (answer.length != length) revert IPinpoint.WrongLength(answer.length, length);
            (bytes32 mine, bytes32 other) = (answer[0], answer[1]);
            if (mine == other) revert IPinpoint.SameNodes(mine);
            bool found;
            uint256 used = 2;
            for (uint256 i = 0; i < stride; i++) {
                if (branch >> i & 1 == 1) {
                    bytes32 shared = answer[used++];
                    if (!found) (found, d.left, d.leftHeight) = (true, shared, uint8(d.depth - stride + i));
                    (mine, other) = (Merkle.pair(shared, mine), Merkle.pair(shared, other));
                } else {
                    (mine, other) = (Merkle.pair(mine, answer[used]), Merkle.pair(other, answer[used + 1]));
                    used += 2;
                }
            }
            if (mine != d.nodes[side]) revert IPinpoint.OtherParent(side, mine, d.nodes[side]);
            if (other != d.nodes[1 - side]) revert IPinpoint.OtherParent(1 - side, other, d.nodes[1 - side]);
            (d.nodes[side], d.nodes[1 - side]) = (answer[0], answer[1]);
            d.index = uint64(uint256(d.index) << stride | branch);
            d.depth -= uint8(stride);
        }
    }

    function _open(Descent memory d, uint256 side, bytes32[] calldata opened) private view {
        if (d.depth == 0) {
            (d.opened[0], d.opened[1]) = _contents(d, side, opened);
            return;
        }
        uint256 width = 1 << _stride(d.depth);
        if (opened.length != width) revert IPinpoint.WrongLength(opened.length, width);
        bytes32 root = Merkle.rootOfAll(opened);
        if (root != d.nodes[side]) revert IPinpoint.OtherParent(side, root, d.nodes[side]);
    }

    /// Reads the contents of the leaf in dispute as `side` gives them: what stands in it, and the root (or content) below.
    function _contents(Descent memory d, uint256 side, bytes32[] calldata c) private view returns (bytes32 entry, bytes32 below) {
        bytes32 node = d.nodes[side];
        if (d.level == Level.Run) {
            // State root, root of the interval's steps, operator list of its last step, path of that step.
            uint256 steps = _stepsOf(d);
            _atLeast(c, 3, Merkle.depthOf(steps));
            (entry, below) = (c[0], c[1]);
            _bound(Paths.rootOf(Merkle.leaf(Paths.stepEntry(entry, c[2])), steps - 1, c[3:]), below);
        } else if (d.level == Level.Attestation) {
            // Root of the interval's steps, state root after its last step, path of that step.
            uint256 steps = _stepsOf(d);
            _atLeast(c, 2, Merkle.depthOf(steps));
            below = c[0];
            _bound(Paths.rootOf(Merkle.leaf(Paths.stepEntry(c[1], node)), steps - 1, c[2:]), below);
            return (node, below);
        } else if (d.level == Level.Segment) {
            // State root, root of the tree of operators, path of its last entry, the state root.
            _atLeast(c, 2, Merkle.depthOf(d.entries));
            bytes32 state = c[0];
            below = c[1];
            _bound(Paths.rootOf(Merkle.leaf(state), d.entries - 1, c[2:]), below);
            entry = sha256(abi.encode(Encoding.LIST_TAG, uint256(d.entries), below));
            _bound(Merkle.leaf(Paths.stepEntry(state, entry)), node);
            return (entry, below);
        } else if (d.level == Level.Step) {
            // Tensor root (or state root), root of the tree below.
            _atLeast(c, 2, 0);
            (entry, below) = (c[0], c[1]);
        } else if (d.level == Level.Element) {
            // Root of the tree of partial results, its last chunk, the path of that.
            uint256 last = uint256(d.terms) - 1;
            _atLeast(c, 2, Merkle.depthOf(last / CHUNK_ELEMENTS + 1));
            below = c[0];
            _bound(Paths.rootOf(Merkle.leaf(c[1]), last / CHUNK_ELEMENTS, c[2:]), below);
            _bound(bytes32(Tensors.bitsIn(c[1], Encoding.F32, last)), node);
            return (sha256(abi.encode(Encoding.TENSOR_TAG, Encoding.F32, uint256(1), uint256(d.terms), below)), below);
        } else {
            // A digest, or a chunk.
            _atLeast(c, 1, 0);
            (entry, below) = (c[0], c[0]);
        }
        _bound(Merkle.leaf(entry), node);
    }

    /// Both leaves are open: goes on in the trees below them.
    function _cross(Descent memory d, IReferee referee, uint256 side, bytes32 mine, bytes32 below, Move calldata m)
        private
        view
        returns (Outcome outcome)
    {
        Level level = d.level;
        (bytes32 a, bytes32 b) = side == 0 ? (below, d.opened[1]) : (d.opened[1], below);
        (bytes32 entryA, bytes32 entryB) = side == 0 ? (mine, d.opened[0]) : (d.opened[0], mine);
        bool agreedLeft = (level == Level.Run || level == Level.Segment || level == Level.Terms) && d.index > 0;
        if (!agreedLeft && m.agreed.length != 0) revert IPinpoint.WrongLength(m.agreed.length, 0);
        if (level == Level.Run) {
            if (d.index > 0) {
                _agreed(d, 1, Merkle.leaf(_first(m.agreed)), m.agreed);
                d.before = m.agreed[0];
            }
            uint256 steps = _stepsOf(d);
            d.step += d.index * d.interval;
            _enter(d, Level.Segment, steps, a, b);
        } else if (level == Level.Attestation) {
            _enter(d, Level.Segment, d.steps, a, b);
        } else if (level == Level.Segment) {
            if (d.index > 0) {
                // State root and operator list of the step before.
                if (m.agreed.length < 2) revert IPinpoint.WrongLength(m.agreed.length, 2);
                _agreed(d, 2, Merkle.leaf(Paths.stepEntry(m.agreed[0], m.agreed[1])), m.agreed);
                d.before = m.agreed[0];
            }
            d.step += d.index;
            d.traces = [entryA, entryB];
            _enter(d, Level.Step, d.entries, a, b);
        } else if (level == Level.Step) {
            return _intoOperator(d, referee, side, [entryA, entryB], [a, b], m.proof);
        } else if (level == Level.State) {
            d.element = d.index;
            _atValue(d, a, b, NO_TERM);
        } else if (level == Level.Tensor) {
            (uint256 i, bytes32 bitsA, bytes32 bitsB) = Paths.firstDifference(a, b, d.dtype);
            uint256 each = 32 / Tensors.width(d.dtype);
            uint256 element = d.index * each + i;
            // The last chunk is filled up with zeros.
            if (element >= d.elements) return whoHas([bitsA, bitsB], 0);
            d.element = uint64(element);
            if (d.terms > 0) _enter(d, Level.Element, 1, bitsA, bitsB);
            else _atValue(d, bitsA, bitsB, NO_TERM);
        } else if (level == Level.Element) {
            d.partials = [entryA, entryB];
            _enter(d, Level.Terms, (uint256(d.terms) + CHUNK_ELEMENTS - 1) / CHUNK_ELEMENTS, a, b);
        } else {
            (uint256 i, bytes32 bitsA, bytes32 bitsB) = Paths.firstDifference(a, b, Encoding.F32);
            if (d.index > 0) _agreed(d, 1, Merkle.leaf(_first(m.agreed)), m.agreed);
            uint256 term = d.index * CHUNK_ELEMENTS + i;
            if (term >= d.terms) return whoHas([bitsA, bitsB], 0);
            _atValue(d, bitsA, bitsB, uint64(term));
        }
    }

    /// From an entry of the step to the tensor (or state) under it. The shape is the graph's; an entry of another form is a lie.
    function _intoOperator(
        Descent memory d,
        IReferee referee,
        uint256 side,
        bytes32[2] memory entries,
        bytes32[2] memory trees,
        bytes calldata proof
    ) private view returns (Outcome) {
        Layout memory shape = referee.layoutOf(d.graph, d.entries, d.index, proof);
        bytes32 expected = sha256(abi.encodePacked(shape.header, trees[side]));
        if (expected != entries[side]) revert IPinpoint.NotBound(expected, entries[side]);
        if (sha256(abi.encodePacked(shape.header, trees[1 - side])) != entries[1 - side]) {
            return side == 0 ? Outcome.Defender : Outcome.Challenger;
        }
        d.operator = uint32(d.index);
        (d.dtype, d.elements, d.terms) = (shape.dtype, shape.elements, shape.terms);
        if (shape.dtype == 0) {
            _enter(d, Level.State, shape.elements, trees[0], trees[1]);
        } else {
            _enter(d, Level.Tensor, (shape.elements * Tensors.width(shape.dtype) + 31) / 32, trees[0], trees[1]);
        }
        return Outcome.Open;
    }

    function _enter(Descent memory d, Level level, uint256 count, bytes32 a, bytes32 b) private pure {
        if (a == b) revert IPinpoint.SameNodes(a);
        (d.level, d.index, d.count) = (level, 0, uint64(count));
        d.depth = uint8(Merkle.depthOf(count));
        (d.left, d.leftHeight) = (0, Standing.NO_LEFT);
        d.opened = [bytes32(0), bytes32(0)];
        d.nodes = [a, b];
    }

    function _atValue(Descent memory d, bytes32 a, bytes32 b, uint64 term) private pure {
        _enter(d, Level.Value, 1, a, b);
        d.term = term;
    }

    /// That `leaf`, which `contents` begin with and `path` follows, is the last one left of the path.
    function _agreed(Descent memory d, uint256 contents, bytes32 leaf, bytes32[] calldata given) private view {
        uint256 length = contents + d.leftHeight;
        if (given.length != length) revert IPinpoint.WrongLength(given.length, length);
        // The rightmost leaf of a subtree.
        _bound(Paths.rootOf(leaf, type(uint256).max, given[contents:]), d.left);
    }

    function _stepsOf(Descent memory d) private pure returns (uint256) {
        if (d.level == Level.Attestation) return d.steps;
        uint256 left = d.steps - uint256(d.index) * d.interval;
        return left < d.interval ? left : d.interval;
    }

    function _first(bytes32[] calldata given) private pure returns (bytes32) {
        if (given.length == 0) revert IPinpoint.WrongLength(0, 1);
        return given[0];
    }

    function _atLeast(bytes32[] calldata c, uint256 contents, uint256 path) private pure {
        if (c.length != contents + path) revert IPinpoint.WrongLength(c.length, contents + path);
    }

    function _bound(bytes32 found, bytes32 expected) private pure {
        if (found != expected) revert IPinpoint.NotBound(found, expected);
    }

    /// As few moves as can be, and among them steps of one length: a node less to open is a word less to pay for.
    function _stride(uint256 depth) private pure returns (uint256) {
        unchecked {
            uint256 moves = (depth + STRIDE - 1) / STRIDE;
            return moves < 2 ? depth : (depth + moves - 1) / moves;
        }
    }
}
