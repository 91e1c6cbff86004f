// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Descent, IPinpoint, Level, Move, Opening, Outcome} from "../../src/pinpoint/IPinpoint.sol";
import {Job} from "../../src/pinpoint/IReferee.sol";
import {Standing} from "../../src/pinpoint/Standing.sol";
import {Machine, Machines} from "./Machine.sol";
import {Player} from "./Player.sol";
import {Game} from "./Game.sol";

/// @notice The rules that deployed games paid to learn, each with what it prevents.
contract PinpointRulesTest is Game {
    Descent private _at;

    function setUp() external {
        vm.warp(1_000_000);
        _start();
    }

    // Winning by moving last, or by resolving while the other still has time.

    function test_aSideLosesOnlyOnItsOwnEmptyClock() external {
        vm.warp(block.timestamp + CLOCK);
        _reverts(IPinpoint.ClockRuns.selector);
        pinpoint.flag(game);
        _move(DEFENDER);
        // The challenger's clock has not run yet, however late it is.
        vm.warp(block.timestamp + CLOCK);
        _move(CHALLENGER);
        // The defender has used up all of its time, so one second ends it.
        vm.warp(block.timestamp + 1);
        pinpoint.flag(game);
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Challenger));
    }

    function test_timeOfTheOtherSideIsNotMine() external {
        _move(DEFENDER);
        vm.warp(block.timestamp + CLOCK / 2);
        _move(CHALLENGER);
        (, , , uint32[2] memory clocks) = pinpoint.turnOf(game);
        assertEq(clocks[DEFENDER], CLOCK);
        assertEq(clocks[CHALLENGER], CLOCK / 2);
    }

    function test_noMoveOnAnEmptyClock() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        vm.warp(block.timestamp + CLOCK + 1);
        _reverts(IPinpoint.ClockEmpty.selector);
        vm.prank(defender);
        pinpoint.move(game, m);
    }

    function test_blocksAreNotTime() external {
        vm.roll(block.number + 1_000_000);
        _reverts(IPinpoint.ClockRuns.selector);
        pinpoint.flag(game);
    }

    // Freeloaders and poisoned moves.

    function test_nobodyElseInsertsAMove() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        _reverts(IPinpoint.NotYourTurn.selector);
        vm.prank(challenger);
        pinpoint.move(game, m);
        _reverts(IPinpoint.NotYourTurn.selector);
        vm.prank(address(0xbad));
        pinpoint.move(game, m);
        _reverts(IPinpoint.BadSignature.selector);
        pinpoint.moveFor(game, m, new bytes(65));
    }

    function test_nodesOfBothSidesHashToTheirParents() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        for (uint256 i = 0; i < m.answer.length; i++) {
            m.answer[i] ^= bytes32(uint256(1));
            _refused(m, DEFENDER, IPinpoint.OtherParent.selector);
            m.answer[i] ^= bytes32(uint256(1));
        }
    }

    function test_onlyTheLeftmostDifferenceIsShown() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        uint256 right = m.branch;
        for (m.branch = 0; m.branch < 8; m.branch++) {
            if (m.branch == right) continue;
            vm.prank(defender);
            vm.expectRevert();
            pinpoint.move(game, m);
        }
    }

    // Leaf taken for node, short proofs, aliased indices, odd padding.

    function test_pathsHaveTheLengthOfTheTree() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        bytes32[] memory full = m.answer;
        m.answer = _resized(full, full.length - 1);
        _refused(m, DEFENDER, IPinpoint.WrongLength.selector);
        m.answer = _resized(full, full.length + 1);
        _refused(m, DEFENDER, IPinpoint.WrongLength.selector);
    }

    function test_branchesBeyondTheRowAreRefused() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        m.branch += 8;
        _refused(m, DEFENDER, IPinpoint.NoSuchBranch.selector);
    }

    function test_aLeafIsNoNode() external {
        // At the leaf of the run, a node of the tree in place of the state root.
        _to(Level.Run, 0);
        uint256 side = _turn();
        (Move memory m, , ) = moveOf(_at, side);
        m.answer[0] = _at.nodes[side];
        _refused(m, side, IPinpoint.NotBound.selector);
    }

    function test_garbageInPaddingLoses() external {
        // 23 steps in intervals of 5 are 5 checkpoints in a tree of 8 leaves; the liar's sixth is not zero.
        bytes32[] memory leaves = new bytes32[](8);
        bytes32[] memory row = Machines.row(Machines.run(truth(), 0, STEPS, INTERVAL), 0);
        for (uint256 i = 0; i < 8; i++) leaves[i] = row[i];
        leaves[5] = bytes32(uint256(1));
        Opening memory o = opening(truth(), truth());
        o.roots[CHALLENGER] = _rootOf(leaves);
        game = pinpoint.open(o, leaves);
        Move memory m;
        m.descent = Standing.pack(mirror.start(o, leaves));
        m.branch = 5;
        m.answer = new bytes32[](6);
        (m.answer[0], m.answer[1], m.answer[2]) = (bytes32(0), leaves[5], row[4]);
        (m.answer[3], m.answer[4]) = (_pair(0, 0), _pair(0, 0));
        m.answer[5] = _pair(_pair(row[0], row[1]), _pair(row[2], row[3]));
        vm.prank(defender);
        pinpoint.move(game, m);
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Defender));
    }

    // Non-canonical bytes.

    function test_garbageBehindTheLastElementLoses() external {
        // 70 elements fill eight chunks and six places of a ninth; the liar writes into the seventh.
        (sides[0], sides[1]) = (truth(), lie(9, 2, ELEMENTS, 0));
        _at = begin(sides[0], sides[1], opening(sides[0], sides[1]));
        uint256 side = DEFENDER;
        while (pinpoint.outcomeOf(game) == Outcome.Open) {
            Move memory m;
            (m, _at, ) = moveOf(_at, side);
            vm.prank(player(side));
            pinpoint.move(game, m);
            side = 1 - side;
        }
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Defender));
    }

    // Out of gas read as a verdict.

    function test_outOfGasIsNoVerdict() external {
        _to(Level.Value, 0);
        bytes memory call = abi.encodeCall(pinpoint.judge, (game, Standing.pack(_at), CHALLENGER, job(), ""));
        for (uint256 gas = 30_000; gas < 80_000; gas += 5_000) {
            (bool ok, ) = address(pinpoint).call{gas: gas}(call);
            Outcome outcome = pinpoint.outcomeOf(game);
            assertTrue(ok ? outcome == Outcome.Challenger : outcome == Outcome.Open, "a verdict without enough gas");
            if (ok) return;
        }
        judge(_at, CHALLENGER);
    }

    function test_aRefereeThatRevertsHasSaidNothing() external {
        _to(Level.Value, 0);
        Job memory j = job();
        vm.expectRevert();
        pinpoint.judge(game, Standing.pack(_at), CHALLENGER, j, "garbage");
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Open));
    }

    function test_judgesTheRegisteredJobOnly() external {
        _to(Level.Value, 0);
        Job memory other = job();
        other.seed++;
        _reverts(IPinpoint.OtherJob.selector);
        pinpoint.judge(game, Standing.pack(_at), CHALLENGER, other, "");
    }

    function test_noJudgementBeforeOneValueIsLeft() external {
        Job memory j = job();
        _reverts(IPinpoint.NotAtValue.selector);
        pinpoint.judge(game, Standing.pack(_at), CHALLENGER, j, "");
    }

    // Malformed move.

    function testFuzz_garbageOfTheCallerChangesNothing(uint256 word, bytes32 with) external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        uint256 all = m.answer.length + m.open.length;
        word = word % all;
        bytes32[] memory part = word < m.answer.length ? m.answer : m.open;
        if (word >= m.answer.length) word -= m.answer.length;
        vm.assume(part[word] != with);
        part[word] = with;
        bytes32 before = pinpoint.descentOf(game);
        vm.prank(defender);
        vm.expectRevert();
        pinpoint.move(game, m);
        assertEq(pinpoint.descentOf(game), before);
    }

    function test_committedGarbageLoses() external {
        // The defender's entry of an operator is no tensor of that shape: its tree is that of one chunk more.
        sides[0] = lie(7, 2, 3, 0);
        sides[0].elements = ELEMENTS + 10;
        sides[1] = truth();
        _at = begin(sides[0], sides[1], opening(sides[0], sides[1]));
        uint256 side = DEFENDER;
        while (_at.level != Level.Step || _at.depth > 0) {
            Move memory m;
            (m, _at, ) = moveOf(_at, side);
            vm.prank(player(side));
            pinpoint.move(game, m);
            side = 1 - side;
        }
        if (side == DEFENDER) {
            // It cannot even open it; its clock runs out.
            vm.warp(block.timestamp + CLOCK + 1);
            pinpoint.flag(game);
        } else {
            (Move memory m, , ) = moveOf(_at, side);
            vm.prank(challenger);
            pinpoint.move(game, m);
        }
        assertEq(uint256(pinpoint.outcomeOf(game)), uint256(Outcome.Challenger));
    }

    // Anyone may pay gas for a move.

    function test_anyoneMayDeliverASignedMove() external {
        (address signer, uint256 key) = (0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf, 1);
        Opening memory o = opening(lie(7, 2, 33, 0), truth());
        o.players[DEFENDER] = signer;
        bytes32[] memory first = Player.open(mirror.begin(o), truth());
        _at = mirror.start(o, first);
        game = pinpoint.open(o, first);
        (sides[0], sides[1]) = (lie(7, 2, 33, 0), truth());
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        (uint8 v, bytes32 r, bytes32 s) = Signer(address(vm)).sign(key, pinpoint.digestOf(game, m));
        pinpoint.moveFor(game, m, abi.encodePacked(r, s, v));
        (uint256 turn, , , ) = pinpoint.turnOf(game);
        assertEq(turn, CHALLENGER);
        // The same once more is another player's turn.
        vm.expectRevert();
        pinpoint.moveFor(game, m, abi.encodePacked(r, s, v));
    }

    // Re-opened game.

    function test_endedGamesStayEnded() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        Job memory j = job();
        vm.warp(block.timestamp + CLOCK + 1);
        pinpoint.flag(game);
        _reverts(IPinpoint.Ended.selector);
        pinpoint.flag(game);
        vm.prank(defender);
        _reverts(IPinpoint.Ended.selector);
        pinpoint.move(game, m);
        _reverts(IPinpoint.Ended.selector);
        pinpoint.judge(game, Standing.pack(_at), CHALLENGER, j, "");
    }

    function test_thereIsNoGameZero() external {
        _reverts(IPinpoint.NoSuchGame.selector);
        pinpoint.flag(0);
    }

    // Reorg between read and write.

    function test_aMoveNamesTheNodesThatItDisputes() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        m.descent[5] ^= bytes32(uint256(1));
        _refused(m, DEFENDER, IPinpoint.OtherDescent.selector);
    }

    function test_aMoveIsNotPlayedTwice() external {
        (Move memory m, , ) = moveOf(_at, DEFENDER);
        _move(DEFENDER);
        _move(CHALLENGER);
        _refused(m, DEFENDER, IPinpoint.OtherDescent.selector);
    }

    // Boundaries.

    function test_sameRootsAreNoDispute() external {
        Opening memory o = opening(truth(), truth());
        bytes32[] memory first = new bytes32[](8);
        _reverts(IPinpoint.SameNodes.selector);
        pinpoint.open(o, first);
    }

    function test_levelsBelowAreNotOpenedDirectly() external {
        Opening memory o = opening(lie(7, 2, 33, 0), truth());
        o.level = Level.Step;
        _reverts(IPinpoint.NotOpenable.selector);
        pinpoint.open(o, new bytes32[](4));
    }

    function test_lowerTreesAreBoundToWhatIsAbove() external {
        // At each leaf that a side opens, another root below is refused.
        for (uint256 i = 0; i < 20 && _at.level != Level.Value; i++) {
            uint256 side = _turn();
            (Move memory m, Descent memory then_, ) = moveOf(_at, side);
            if (then_.level != Level.Value && then_.depth == 0 && then_.level != Level.Step) {
                uint256 root = then_.level == Level.Run || then_.level == Level.Segment ? 1 : 0;
                m.open[root] ^= bytes32(uint256(1));
                _refused(m, side, IPinpoint.NotBound.selector);
            }
            _move(side);
        }
    }

    function test_agreedStateIsTheOneOnTheLeft() external {
        _to(Level.Run, 0);
        uint256 side = _turn();
        (Move memory m, , ) = moveOf(_at, side);
        assertTrue(m.agreed.length > 0, "the first leaf has no left");
        m.agreed[0] ^= bytes32(uint256(1));
        _refused(m, side, IPinpoint.NotBound.selector);
    }

    function _start() private {
        // A term of a reduction: all levels are met.
        _at = begin(lie(8, 1, 33, 41), truth(), opening(lie(8, 1, 33, 41), truth()));
    }

    function _turn() private view returns (uint256 turn) {
        (turn, , , ) = pinpoint.turnOf(game);
    }

    function _move(uint256 side) private {
        (Move memory m, Descent memory then_, ) = moveOf(_at, side);
        vm.prank(player(side));
        pinpoint.move(game, m);
        _at = then_;
    }

    /// Plays until that level and depth are to be answered.
    function _to(Level level, uint256 depth) private {
        while (_at.level != level || _at.depth != depth) _move(_turn());
    }

    function _refused(Move memory m, uint256 side, bytes4 why) private {
        bytes32 before = pinpoint.descentOf(game);
        vm.prank(player(side));
        (bool ok, bytes memory data) = address(pinpoint).call(abi.encodeCall(pinpoint.move, (game, m)));
        assertTrue(!ok, "it was taken");
        assertEq(bytes32(bytes4(data)), bytes32(why));
        assertEq(pinpoint.descentOf(game), before);
    }

    function _reverts(bytes4 why) private {
        Signer(address(vm)).expectPartialRevert(why);
    }

    function _resized(bytes32[] memory list, uint256 length) private pure returns (bytes32[] memory other) {
        other = new bytes32[](length);
        for (uint256 i = 0; i < length && i < list.length; i++) other[i] = list[i];
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return sha256(abi.encodePacked(a, b));
    }

    function _rootOf(bytes32[] memory l) private pure returns (bytes32) {
        bytes32 left = _pair(_pair(l[0], l[1]), _pair(l[2], l[3]));
        return _pair(left, _pair(_pair(l[4], l[5]), _pair(l[6], l[7])));
    }
}

/// @notice More of forge's cheat codes.
interface Signer {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectPartialRevert(bytes4 selector) external;
}
