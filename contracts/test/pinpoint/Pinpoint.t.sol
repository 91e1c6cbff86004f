// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Descent, IPinpoint, Level, Move, Opening, Outcome} from "../../src/pinpoint/IPinpoint.sol";
import {IReferee, Job} from "../../src/pinpoint/IReferee.sol";
import {Pinpoint} from "../../src/pinpoint/Pinpoint.sol";
import {Machine, Machines} from "./Machine.sol";
import {Mirror, Player} from "./Player.sol";
import {Game} from "./Game.sol";

/// @notice Games in which one side is right from the first move to the last.
contract PinpointTest is Game {
    function test_findsTheElementOfAMap() external {
        _finds(lie(7, 2, 33, 0), 7, 2, 33, type(uint64).max);
    }

    function test_findsTheTermOfAReduction() external {
        _finds(lie(18, 1, 69, 41), 18, 1, 69, 41);
    }

    function test_findsTheFirstTermOfAReduction() external {
        _finds(lie(4, 1, 0, 0), 4, 1, 0, 0);
    }

    function test_findsTheStateEntry() external {
        _finds(lie(9, 3, 1, 0), 9, 3, 1, type(uint64).max);
    }

    function test_findsTheInput() external {
        _finds(lie(0, 0, 8, 0), 0, 0, 8, type(uint64).max);
    }

    function testFuzz_truthWins(uint256 step, uint256 operator, uint256 element, uint256 term, bool challengerLies) external {
        Machine memory liar = lie(bound(step, 0, STEPS - 1), bound(operator, 0, 3), bound(element, 0, ELEMENTS - 1), bound(term, 0, TERMS - 1));
        if (liar.operator == 3) {
            liar.element = element % 2;
            // Seen only where it is a checkpoint.
            liar.step = liar.step / INTERVAL * INTERVAL + INTERVAL - 1;
            if (liar.step >= STEPS) liar.step = STEPS - 1;
        }
        (Machine memory a, Machine memory b) = challengerLies ? (truth(), liar) : (liar, truth());
        assertEq(uint256(play(a, b, opening(a, b))), uint256(challengerLies ? Outcome.Defender : Outcome.Challenger));
        assertTrue(moves <= 24, "more than 12 moves a side");
    }

    /// Whoever finds the same as an attester has nothing to dispute; another operator list is a lie of one of them.
    function testFuzz_truthWinsOverAttestations(uint256 operator, uint256 element, uint256 term, bool challengerLies) external {
        Machine memory liar = lie(9, bound(operator, 0, 2), bound(element, 0, ELEMENTS - 1), bound(term, 0, TERMS - 1));
        (Machine memory a, Machine memory b) = challengerLies ? (truth(), liar) : (liar, truth());
        assertEq(uint256(play(a, b, attestation(a, b, 5))), uint256(challengerLies ? Outcome.Defender : Outcome.Challenger));
    }

    function test_ifNeitherIsRightBothLose() external {
        (Machine memory a, Machine memory b) = (lie(7, 2, 33, 0), lie(7, 2, 33, 0));
        b.by = 2;
        assertEq(uint256(play(a, b, opening(a, b))), uint256(Outcome.Neither));
    }

    function _finds(Machine memory liar, uint256 step, uint256 operator, uint256 element, uint256 term) private {
        (Descent memory d, ) = playTo(begin(liar, truth(), opening(liar, truth())), DEFENDER, Level.Value);
        assertEq(d.step, step);
        assertEq(d.operator, operator);
        assertEq(d.element, element);
        assertEq(d.term, term);
        judge(d, CHALLENGER);
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Challenger));
    }
}
