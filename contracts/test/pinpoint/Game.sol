// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Descent, Level, Move, Opening, Outcome} from "../../src/pinpoint/IPinpoint.sol";
import {IReferee, Job} from "../../src/pinpoint/IReferee.sol";
import {Encoding} from "../../src/generated/Encoding.sol";
import {Merkle} from "../../src/Merkle.sol";
import {Pinpoint} from "../../src/pinpoint/Pinpoint.sol";
import {Standing} from "../../src/pinpoint/Standing.sol";
import {CountingReferee} from "../harness/CountingReferee.sol";
import {Test} from "../Test.sol";
import {Machine, Machines} from "./Machine.sol";
import {Mirror, Player} from "./Player.sol";

/// @notice A pinpoint game between two machines that count.
abstract contract Game is Test {
    uint64 internal constant ELEMENTS = 70;
    uint32 internal constant TERMS = 60;
    uint64 internal constant INTERVAL = 5;
    uint64 internal constant STEPS = 23;
    uint32 internal constant CLOCK = 1000;
    bytes32 internal constant GRAPH_TREE = "tree";
    uint256 internal constant DEFENDER = 0;
    uint256 internal constant CHALLENGER = 1;

    address internal defender = address(0xd);
    address internal challenger = address(0xc);
    CountingReferee internal referee = new CountingReferee(ELEMENTS, TERMS);
    Pinpoint internal pinpoint = new Pinpoint(referee);
    Mirror internal mirror = new Mirror();

    /// Where the game at hand stands.
    uint256 internal game;
    uint256 internal moves;
    Machine[2] internal sides;

    function truth() internal pure returns (Machine memory) {
        return Machine(ELEMENTS, TERMS, false, 0, 0, 0, 0, 0);
    }

    function lie(uint256 step, uint256 operator, uint256 element, uint256 term) internal pure returns (Machine memory) {
        return Machine(ELEMENTS, TERMS, true, step, operator, element, term, 1);
    }

    function graph() internal pure returns (bytes32) {
        return sha256(abi.encode(Encoding.LIST_TAG, uint256(4), GRAPH_TREE));
    }

    function job() internal view returns (Job memory) {
        return Job(graph(), bytes32("data"), Machines.stateRoot(truth(), 0), 7, 1, STEPS, INTERVAL, 0);
    }

    function jobRoot() internal view returns (bytes32) {
        return sha256(abi.encode(Encoding.JOB_TAG, job()));
    }

    function opening(Machine memory a, Machine memory b) internal view returns (Opening memory) {
        bytes32 rootA = Machines.root(Machines.run(a, 0, STEPS, INTERVAL));
        bytes32 rootB = Machines.root(Machines.run(b, 0, STEPS, INTERVAL));
        return _opening(Level.Run, 0, STEPS, [rootA, rootB]);
    }

    function attestation(Machine memory a, Machine memory b, uint64 step) internal view returns (Opening memory) {
        return _opening(Level.Attestation, step, INTERVAL, [Machines.trace(a, step + INTERVAL - 1), Machines.trace(b, step + INTERVAL - 1)]);
    }

    function begin(Machine memory a, Machine memory b, Opening memory o) internal returns (Descent memory d) {
        (sides[0], sides[1]) = (a, b);
        bytes32[] memory first = Player.open(mirror.begin(o), b);
        d = mirror.start(o, first);
        game = pinpoint.open(o, first);
        moves = 1;
    }

    /// The next move as its player believes it.
    function moveOf(Descent memory d, uint256 side) internal view returns (Move memory m, Descent memory then_, Outcome outcome) {
        m = Player.answer(d, sides[side], sides[1 - side]);
        (then_, outcome) = mirror.after_(referee, side, m);
        if (outcome == Outcome.Open) m.open = Player.open(then_, sides[side]);
        (then_, outcome) = mirror.next(referee, side, m);
    }

    function player(uint256 side) internal view returns (address) {
        return side == DEFENDER ? defender : challenger;
    }

    /// Moves of both, from whose turn it is until `level` or the end.
    function playTo(Descent memory d, uint256 side, Level level) internal returns (Descent memory, uint256) {
        while (d.level != level && d.level != Level.Value && pinpoint.outcomeOf(game) == Outcome.Open) {
            (Move memory m, Descent memory then_, ) = moveOf(d, side);
            vm.prank(player(side));
            pinpoint.move(game, m);
            (d, side, moves) = (then_, 1 - side, moves + 1);
        }
        return (d, side);
    }

    function judge(Descent memory d, uint256 side) internal {
        pinpoint.judge(game, Standing.pack(d), side, job(), proofOf(d, side));
    }

    function proofOf(Descent memory d, uint256 side) internal view returns (bytes memory) {
        if (d.operator != 3) return "";
        bytes32[] memory entries = Machines.operators(sides[side], d.step);
        return abi.encodePacked(entries[2 - d.element], Machines.path(entries, 2 - d.element, 2));
    }

    function play(Machine memory a, Machine memory b, Opening memory o) internal returns (Outcome) {
        (Descent memory d, ) = playTo(begin(a, b, o), DEFENDER, Level.Value);
        // By the side that is right, or by the defender where neither is.
        if (d.level == Level.Value) judge(d, sides[CHALLENGER].lies ? DEFENDER : CHALLENGER);
        return pinpoint.outcomeOf(game);
    }

    function _opening(Level level, uint64 step, uint64 steps, bytes32[2] memory roots) private view returns (Opening memory) {
        bytes32 before = Machines.stateRoot(truth(), step);
        return Opening(jobRoot(), graph(), 4, INTERVAL, step, steps, before, level, roots, [defender, challenger], CLOCK);
    }
}
