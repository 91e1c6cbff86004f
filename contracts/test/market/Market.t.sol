// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Parameters, Values} from "../../src/governance/Parameters.sol";
import {Challenge, ChallengeStatus, Claim, ClaimStatus, IMarket, Submission, Task, TaskStatus} from "../../src/market/IMarket.sol";
import {Ledger} from "../../src/market/Ledger.sol";
import {Seats} from "../../src/market/Seats.sol";
import {TaskMarket} from "../../src/market/TaskMarket.sol";
import {Descent, Level, Opening, Outcome} from "../../src/pinpoint/IPinpoint.sol";
import {Standing} from "../../src/pinpoint/Standing.sol";
import {Machine, Machines} from "../pinpoint/Machine.sol";
import {Player} from "../pinpoint/Player.sol";
import {Bazaar} from "./Bazaar.sol";

/// @notice Claims on their way from submission to payment, or to the loss of a stake.
contract MarketTest is Bazaar {
    function setUp() external {
        vm.warp(1_000_000);
        fund(submitter);
        fund(defender);
        fund(challenger);
        fund(verifier);
    }

    function test_anHonestTaskIsPaid() external {
        (uint256 task, uint256 id) = proven(truth());
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Taken));
        afterWindows(id);
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN);
        assertEq(market.free(submitter), PURSE - REWARD_MIN);
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Done));
        assertEq(taskOf(task).state, Machines.stateRoot(truth(), STEPS));
        assertBalanced(everybody());
        vm.prank(defender);
        market.withdraw(PURSE + REWARD_MIN);
        assertEq(token.balanceOf(defender), PURSE + REWARD_MIN);
        assertBalanced(everybody());
    }

    function test_rewardRisesUntilClaimed() external {
        uint256 task = submit();
        (uint256 reward, ) = market.rewardOf(task);
        assertEq(reward, REWARD_MIN);
        vm.warp(block.timestamp + RISE / 4);
        (reward, ) = market.rewardOf(task);
        assertEq(reward, REWARD_MIN + (REWARD_MAX - REWARD_MIN) / 4);
        vm.warp(block.timestamp + RISE);
        (reward, ) = market.rewardOf(task);
        assertEq(reward, REWARD_MAX);
        uint256 id = claim(task);
        assertEq(claimOf(id).reward, REWARD_MAX);
        // No more once it is claimed.
        vm.prank(challenger);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.claim(task, 0, 0);
    }

    function test_aClaimNamesWhereItStartsAndWhatItTakes() external {
        uint256 task = submit();
        vm.prank(defender);
        _reverts(IMarket.OtherStep.selector);
        market.claim(task, 5, 0);
        vm.prank(defender);
        _reverts(IMarket.TooLittleReward.selector);
        market.claim(task, 0, REWARD_MIN + 1);
    }

    function test_segmentsGoToDifferentSolvers() external {
        Submission memory s = submission();
        s.segment = 10;
        uint256 task = submit(s);
        for (uint256 i = 0; i < 3; i++) {
            uint256 id = claim(task);
            uint64 steps = i < 2 ? 10 : 3;
            assertEq(claimOf(id).steps, steps);
            assertEq(claimOf(id).before, Machines.stateRoot(truth(), 10 * i));
            prove(id, truth(), steps);
            afterWindows(id);
            market.settle(id);
            defender = i == 0 ? challenger : defender;
        }
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Done));
        assertBalanced(_with(address(0xd)));
    }

    function test_aProvenStateStartsAnotherTask() external {
        (uint256 task, uint256 id) = proven(truth());
        Submission memory s = submission();
        s.parent = uint64(task);
        s.job.init = Machines.stateRoot(truth(), STEPS);
        vm.prank(submitter);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.submit(s);
        afterWindows(id);
        market.settle(id);
        s.deadline = uint40(block.timestamp + 1);
        uint256 next_ = submit(s);
        assertEq(taskOf(next_).firstStep, STEPS);
        id = claim(next_);
        prove(id, lie(STEPS + 8, 1, 33, 41), STEPS);
        // Disputes count steps from the first task on.
        uint256 number = commitAndChallenge(id, challenger, truth());
        _playOut(id, number, lie(STEPS + 8, 1, 33, 41), truth(), s);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        s.job.init = bytes32("other");
        vm.prank(submitter);
        _reverts(IMarket.OtherStart.selector);
        market.submit(s);
    }

    function test_whoStopsEarlyIsPaidForWhatIsDone() external {
        uint256 task = submit();
        uint256 id = claim(task);
        prove(id, truth(), 10);
        afterWindows(id);
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN * 10 / STEPS);
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Open));
        assertEq(taskOf(task).done, 10);
        assertBalanced(everybody());
    }

    function test_silenceEndsAtTheLastCheckpoint() external {
        uint256 id = claim(submit());
        deliver(id, truth(), 15);
        _reverts(IMarket.TooEarly.selector);
        market.stop(id);
        vm.warp(block.timestamp + WORK_TIME + 1);
        market.stop(id);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Proven));
        afterWindows(id);
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN * 15 / STEPS);
    }

    function test_silenceFromTheStartCosts() external {
        uint256 task = submit();
        uint256 id = claim(task);
        vm.warp(block.timestamp + WORK_TIME + 1);
        market.stop(id);
        assertEq(market.free(defender), PURSE - REWARD_MIN / 10);
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Open));
        assertBalanced(everybody());
        // And somebody else may take it.
        defender = challenger;
        claim(task);
    }

    function test_aTaskThatNobodyTakesIsRefunded() external {
        uint256 task = submit();
        vm.prank(challenger);
        _reverts(IMarket.NotSubmitter.selector);
        market.close(task);
        vm.warp(block.timestamp + 10_000);
        vm.prank(defender);
        _reverts(IMarket.TooLate.selector);
        market.claim(task, 0, 0);
        vm.prank(challenger);
        market.close(task);
        assertEq(market.free(submitter), PURSE);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.close(task);
    }

    function test_aTaskIsNotClosedUnderASolver() external {
        uint256 task = submit();
        claim(task);
        vm.prank(submitter);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.close(task);
    }

    function test_aFalseClaimIsSlashed() external {
        Machine memory liar = lie(8, 1, 33, 41);
        (uint256 task, uint256 id) = proven(liar);
        uint256 number = commitAndChallenge(id, challenger, truth());
        _reverts(IMarket.GamesRunning.selector);
        market.resolve(number);
        _playOut(id, number, liar, truth(), submission());
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        // Stake 100: 30 to the winner, 40 burned, 30 to the jackpot.
        assertEq(market.free(challenger), PURSE + 30 ether);
        assertEq(market.free(defender), PURSE - 100 ether);
        assertEq(market.totalBurned(), 40 ether);
        assertEq(market.jackpot(), 30 ether);
        // Out of the supply once anybody asks for it, and no more than once.
        uint256 supply = token.totalSupply();
        market.burn();
        market.burn();
        assertEq(token.totalSupply(), supply - 40 ether);
        // Nothing is paid, and the task goes to somebody else.
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Open));
        assertEq(taskOf(task).escrow, uint256(REWARD_MAX) * 11 / 10);
        assertBalanced(everybody());
    }

    function test_aFalseChallengeCostsItsBond() external {
        Machine memory liar = lie(8, 1, 33, 41);
        (, uint256 id) = proven(truth());
        uint256 number = commitAndChallenge(id, challenger, liar);
        afterWindows(id);
        _reverts(IMarket.GamesRunning.selector);
        market.settle(id);
        _playOut(id, number, truth(), liar, submission());
        assertEq(market.free(challenger), PURSE - 50 ether);
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN + 15 ether);
        assertBalanced(everybody());
    }

    function test_ifNeitherIsRightBothLose() external {
        (Machine memory a, Machine memory b) = (lie(8, 2, 33, 0), lie(8, 2, 33, 0));
        b.by = 2;
        (, uint256 id) = proven(a);
        uint256 number = commitAndChallenge(id, challenger, b);
        _playOut(id, number, a, b, submission());
        assertEq(market.free(challenger), PURSE - 50 ether);
        assertEq(market.free(defender), PURSE - 100 ether);
        // Nobody has won: all but what is burned is in the jackpot.
        assertEq(market.jackpot(), 90 ether);
        assertBalanced(everybody());
    }

    // Copying another's challenge.

    function test_aCopiedChallengeIsWorthNothing() external {
        (, uint256 id) = proven(lie(8, 1, 33, 41));
        bytes32 root = Machines.root(Machines.run(truth(), 0, STEPS, INTERVAL));
        bytes32 commitment = keccak256(abi.encode(id, 0, root, claimOf(id).root, challenger, SALT));
        vm.prank(challenger);
        market.commitChallenge(id, commitment);
        // The same commitment under another name opens nothing.
        vm.prank(verifier);
        market.commitChallenge(id, commitment);
        vm.roll(block.number + 1);
        bytes32[] memory first = new bytes32[](8);
        vm.prank(verifier);
        _reverts(IMarket.OtherCommitment.selector);
        market.challenge(id, 0, root, SALT, new bytes32[](0), first);
        challenge(id, challenger, truth(), root);
        vm.prank(verifier);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.takeBack(id);
    }

    function test_aChallengeIsNotMadeInTheBlockOfItsCommitment() external {
        (, uint256 id) = proven(lie(8, 1, 33, 41));
        bytes32 root = commit(id, challenger, truth());
        vm.prank(challenger);
        _reverts(IMarket.TooEarly.selector);
        market.challenge(id, 0, root, SALT, new bytes32[](0), new bytes32[](8));
    }

    // Challenging oneself to save the stake.

    function testFuzz_challengingOneselfNeverPays(uint256 winner, uint256 burn, uint256 bonus, uint256 fee, uint256 jackpots) external {
        Values memory v = values();
        v.winnerShare = uint32(bound(winner, 100_000, 333_333));
        v.burnShare = uint32(bound(burn, 333_334, 1_000_000 - v.winnerShare));
        v.bonusShare = uint32(bound(bonus, 0, 500_000));
        v.feeShare = uint32(bound(fee, 0, 500_000));
        parameters.change(v);
        // Somebody else's losses fill the jackpot.
        jackpots = bound(jackpots, 0, 3);
        for (uint256 i = 0; i < jackpots; i++) {
            uint256 silent = claim(submit());
            vm.warp(block.timestamp + WORK_TIME + 1);
            market.stop(silent);
        }
        (uint256 first, uint256 second) = (_seat(), _seat());
        uint256 before = market.free(defender) + market.free(challenger) + market.free(verifier);
        (, uint256 id) = proven(lie(8, 2, 33, 0));
        // All are the same person: solver, committee and challenger.
        _drawAndAttest(id, first, truth(), second, truth());
        uint256 number = commitAndChallenge(id, challenger, truth());
        _silence(number);
        market.resolve(number);
        market.release(id, first);
        market.release(id, second);
        uint256 lost = before - market.free(defender) - market.free(challenger) - market.free(verifier);
        assertTrue(lost * 3 >= claimOf(id).stake, "less than a third is lost");
        assertBalanced(everybody());
    }

    // Several challengers of one claim.

    function test_challengersThatAreRightShareThePrize() external {
        (, uint256 id) = proven(lie(8, 2, 33, 0));
        // The solver's own, which is first.
        uint256 a = commitAndChallenge(id, challenger, truth());
        uint256 b = commitAndChallenge(id, verifier, truth());
        _silence(a);
        market.resolve(a);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        // Its bond is back, the prize waits for the other game, which goes on to its own end.
        assertEq(market.free(challenger), PURSE);
        _reverts(IMarket.GamesRunning.selector);
        market.collect(a);
        _reverts(IMarket.GamesRunning.selector);
        market.resolve(b);
        pinpoint.flag(_gameOf(b));
        market.resolve(b);
        market.collect(a);
        assertEq(market.free(challenger), PURSE + 15 ether);
        assertEq(market.free(verifier), PURSE + 15 ether);
        assertEq(uint256(claimOf(id).prize), 0);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.collect(a);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.collect(b);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.resolve(b);
        assertBalanced(everybody());
    }

    function test_whoCommittedBeforeTheFallIsNotLate() external {
        Machine memory liar = lie(8, 1, 33, 41);
        (, uint256 id) = proven(liar);
        bytes32 root = commit(id, verifier, truth());
        // The solver sees that, and is through with a game against itself before the challenge is made.
        uint256 own = commitAndChallenge(id, challenger, truth());
        _playOut(id, own, liar, truth(), submission());
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        _reverts(IMarket.TooEarly.selector);
        market.collect(own);
        uint256 honest = challenge(id, verifier, truth(), root);
        _playOut(id, honest, liar, truth(), submission());
        market.collect(own);
        assertEq(market.free(verifier), PURSE + 15 ether);
        assertEq(market.free(challenger), PURSE + 15 ether);
        // Nobody else joins them: the verdict is known.
        vm.prank(verifier);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.commitChallenge(id, root);
        assertBalanced(everybody());
    }

    function test_aCommitmentHoldsThePrizeNoLongerThanTheWindows() external {
        _heldByACommitment(false);
    }

    function test_aCommitmentThatIsTakenBackHoldsNoPrize() external {
        _heldByACommitment(true);
    }

    function _heldByACommitment(bool takenBack) private {
        Machine memory liar = lie(8, 1, 33, 41);
        (, uint256 id) = proven(liar);
        bytes32 root = commit(id, verifier, truth());
        uint256 number = commitAndChallenge(id, challenger, truth());
        _playOut(id, number, liar, truth(), submission());
        assertEq(market.free(challenger), PURSE);
        if (takenBack) {
            vm.prank(verifier);
            market.takeBack(id);
        } else {
            afterWindows(id);
            vm.prank(verifier);
            _reverts(IMarket.TooLate.selector);
            market.challenge(id, 0, root, SALT, new bytes32[](0), new bytes32[](8));
        }
        market.collect(number);
        assertEq(market.free(challenger), PURSE + 30 ether);
        if (!takenBack) vm.prank(verifier);
        if (!takenBack) market.takeBack(id);
        assertEq(market.free(verifier), PURSE);
        assertBalanced(everybody());
    }

    function test_whoIsWrongAboutAFallenClaimLosesItsBond() external {
        Machine memory liar = lie(8, 1, 33, 41);
        Machine memory other = lie(3, 1, 33, 41);
        (, uint256 id) = proven(liar);
        uint256 right = commitAndChallenge(id, challenger, truth());
        uint256 wrong = commitAndChallenge(id, verifier, other);
        _playOut(id, right, liar, truth(), submission());
        _playOut(id, wrong, liar, other, submission());
        // Nothing of it to the solver, which has fallen itself; 40% burned, the rest to the jackpot, as of the stake.
        assertEq(market.free(verifier), PURSE - 50 ether);
        assertEq(market.free(defender), PURSE - 100 ether);
        assertEq(market.totalBurned(), 60 ether);
        market.collect(right);
        assertEq(market.free(challenger), PURSE + 30 ether);
        assertBalanced(everybody());
    }

    function test_aPrizeThatNobodyWinsGoesToTheJackpot() external {
        (Machine memory a, Machine memory b) = (lie(8, 2, 33, 0), lie(8, 2, 33, 0));
        b.by = 2;
        (, uint256 id) = proven(a);
        uint256 number = commitAndChallenge(id, challenger, b);
        commit(id, verifier, truth());
        _playOut(id, number, a, b, submission());
        // With a tenth of what the bond brought to the jackpot; it waits for those who might still be right.
        assertEq(uint256(claimOf(id).prize), 33 ether);
        vm.prank(verifier);
        market.takeBack(id);
        market.collect(number);
        assertEq(uint256(claimOf(id).prize), 0);
        // 60% of the stake, and of the bond.
        assertEq(market.jackpot(), 90 ether);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.collect(number);
        assertBalanced(everybody());
    }

    function test_nothingIsCollectedWhereNothingFell() external {
        (, uint256 id) = proven(truth());
        uint256 number = commitAndChallenge(id, challenger, lie(3, 1, 33, 41));
        _reverts(IMarket.WrongClaimStatus.selector);
        market.collect(number);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.collect(number + 1);
    }

    // A reorganised chain.

    function test_aChallengeOfAnotherRootIsRefused() external {
        (, uint256 id) = proven(truth());
        // In the chain that the challenger saw, a false claim had this number.
        Machine memory liar = lie(8, 1, 33, 41);
        bytes32 seen = Machines.root(Machines.run(liar, 0, STEPS, INTERVAL));
        bytes32 root = Machines.root(Machines.run(lie(3, 1, 33, 41), 0, STEPS, INTERVAL));
        bytes32 commitment = keccak256(abi.encode(id, 0, root, seen, challenger, SALT));
        vm.prank(challenger);
        market.commitChallenge(id, commitment);
        vm.roll(block.number + 1);
        vm.prank(challenger);
        _reverts(IMarket.OtherCommitment.selector);
        market.challenge(id, 0, root, SALT, new bytes32[](0), new bytes32[](8));
        afterWindows(id);
        market.settle(id);
        vm.prank(challenger);
        market.takeBack(id);
        assertEq(market.free(challenger), PURSE);
    }

    function test_aChallengeOfAnotherAttestationIsRefused() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        (, uint256 id) = proven(truth());
        _drawAndAttest(id, first, truth(), second, truth());
        bytes32 root = bytes32("root");
        // About an attestation that is not there any more.
        bytes32 commitment = keccak256(abi.encode(id, second, root, bytes32("seen"), challenger, SALT));
        vm.prank(challenger);
        market.commitChallenge(id, commitment);
        vm.roll(block.number + 1);
        vm.prank(challenger);
        _reverts(IMarket.OtherCommitment.selector);
        market.challenge(id, second, root, SALT, new bytes32[](0), new bytes32[](1));
    }

    // Explicit terminal states.

    function test_nothingChangesAfterTheEnd() external {
        (uint256 task, uint256 id) = proven(truth());
        afterWindows(id);
        market.settle(id);
        bytes32 root = claimOf(id).root;
        vm.startPrank(defender);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.settle(id);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.stop(id);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.prove(id, root);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.draw(id);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.commitChallenge(id, root);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.claim(task, STEPS, 0);
        _reverts(IMarket.WrongTaskStatus.selector);
        market.close(task);
        vm.stopPrank();
    }

    function test_nobodyWithdrawsTwice() external {
        vm.startPrank(verifier);
        market.withdraw(PURSE);
        _reverts(Ledger.TooLittle.selector);
        market.withdraw(1);
        vm.stopPrank();
    }

    // Grinding the sampling seed.

    function test_theSeedComesFromALaterBlock() external {
        (, uint256 id) = proven(truth());
        _reverts(IMarket.TooEarly.selector);
        market.draw(id);
        vm.roll(block.number + 2);
        vm.prevrandao(bytes32(uint256(42)));
        market.draw(id);
        assertEq(claimOf(id).seed, keccak256(abi.encode(bytes32(uint256(42)), id, claimOf(id).root)));
        _reverts(IMarket.AlreadyDrawn.selector);
        market.draw(id);
    }

    // Attestations.

    function test_theCommitteeIsPaidForItsReplay() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        (uint256 task, uint256 id) = proven(truth());
        _drawAndAttest(id, first, truth(), second, truth());
        afterWindows(id);
        market.settle(id);
        market.release(id, first);
        market.release(id, second);
        // A tenth of the reward, on top of it.
        assertEq(market.free(verifier), PURSE - 100 ether + REWARD_MIN / 10);
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Done));
        _reverts(IMarket.NotAssigned.selector);
        market.release(id, first);
        vm.startPrank(verifier);
        market.leaveSeat(first);
        market.leaveSeat(second);
        vm.stopPrank();
        assertEq(market.free(verifier), PURSE + REWARD_MIN / 10);
        assertBalanced(everybody());
    }

    function test_aSilentVerifierLosesAPart() external {
        uint256 seat = _seat();
        (, uint256 id) = proven(truth());
        vm.roll(block.number + 2);
        market.draw(id);
        vm.prank(verifier);
        _reverts(Seats.SeatBusy.selector);
        market.leaveSeat(seat);
        afterWindows(id);
        market.settle(id);
        market.release(id, seat);
        assertEq(market.free(verifier), PURSE - 5 ether);
        assertBalanced(everybody());
    }

    function test_attestationsAreRevealedTogether() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        (, uint256 id) = proven(truth());
        vm.roll(block.number + 2);
        market.draw(id);
        (bytes32 trace, bytes32 seed) = (_trace(id, truth()), claimOf(id).seed);
        vm.startPrank(verifier);
        // As of a drawing that a reorganisation has undone.
        _reverts(IMarket.OtherSeed.selector);
        market.commitAttestation(id, first, trace, trace);
        market.commitAttestation(id, first, seed, keccak256(abi.encode(id, first, trace, verifier, SALT)));
        _reverts(IMarket.TooEarly.selector);
        market.revealAttestation(id, first, trace, SALT);
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        _reverts(IMarket.TooLate.selector);
        market.commitAttestation(id, second, seed, trace);
        // Another's commitment, copied, names another seat.
        _reverts(IMarket.OtherCommitment.selector);
        market.revealAttestation(id, second, trace, SALT);
        market.revealAttestation(id, first, trace, SALT);
        vm.stopPrank();
    }

    function test_aLazyVerifierLosesItsSeat() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        (, uint256 id) = proven(truth());
        vm.roll(block.number + 2);
        market.draw(id);
        Machine memory lazy = lie(uint256(claimOf(id).sample) * INTERVAL, 1, 33, 41);
        _attest(id, first, truth(), second, lazy);
        uint256 number = _challengeAttestation(id, second, lazy, truth(), truth());
        _silence(number);
        market.resolve(number);
        afterWindows(id);
        market.settle(id);
        market.release(id, first);
        market.release(id, second);
        // A third of nothing more: 30% of the seat to the challenger; the lazy one's fee goes to the jackpot.
        assertEq(market.free(challenger), PURSE + 15 ether);
        assertEq(market.free(verifier), PURSE - 100 ether + REWARD_MIN / 20);
        vm.prank(verifier);
        _reverts(Seats.NoSuchSeat.selector);
        market.leaveSeat(second);
        assertBalanced(everybody());
    }

    function test_theCommitteeIsPaidForAFalseClaimToo() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        Machine memory liar = lie(8, 1, 33, 41);
        (, uint256 id) = proven(liar);
        vm.roll(block.number + 2);
        market.draw(id);
        bytes32 trace = _trace(id, truth());
        vm.startPrank(verifier);
        market.commitAttestation(id, first, claimOf(id).seed, keccak256(abi.encode(id, first, trace, verifier, SALT)));
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        market.revealAttestation(id, first, trace, SALT);
        vm.stopPrank();
        uint256 number = commitAndChallenge(id, challenger, truth());
        _playOut(id, number, liar, truth(), submission());
        // A tenth of the reward, out of the jackpot's part of the stake; the winner's part is whole.
        assertEq(claimOf(id).fee, REWARD_MIN / 20);
        assertEq(market.jackpot(), 20 ether);
        assertEq(market.free(challenger), PURSE + 30 ether);
        market.release(id, first);
        market.release(id, second);
        assertEq(market.free(verifier), PURSE - 100 ether + REWARD_MIN / 20);
        // Whoever had revealed nothing gets nothing, and keeps its seat: the claim fell first.
        assertEq(market.jackpot(), 25 ether);
        assertEq(market.idleSeats(), 2);
        assertBalanced(everybody());
    }

    function test_feesOfAFalseClaimAreNoMoreThanTheJackpotGets() external {
        Values memory v = values();
        (v.feeShare, v.burnShare, v.winnerShare) = (500_000, 660_000, 300_000);
        parameters.change(v);
        (uint256 first, uint256 second) = (_seat(), _seat());
        Machine memory liar = lie(8, 1, 33, 41);
        (, uint256 id) = proven(liar);
        _drawAndAttest(id, first, truth(), second, truth());
        uint256 number = commitAndChallenge(id, challenger, truth());
        _playOut(id, number, liar, truth(), submission());
        // 4 of 100 are left for two.
        assertEq(claimOf(id).fee, 2 ether);
        assertEq(market.jackpot(), 0);
        assertEq(market.free(challenger), PURSE + 30 ether);
        assertBalanced(everybody());
    }

    function test_aLazyVerifierIsNotSavedByTheFallOfTheClaim() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        Machine memory liar = lie(22, 1, 33, 41);
        (, uint256 id) = proven(liar);
        vm.roll(block.number + 2);
        market.draw(id);
        Machine memory lazy = lie(uint256(claimOf(id).sample) * INTERVAL, 2, 33, 0);
        _attest(id, first, truth(), second, lazy);
        uint256 about = _challengeAttestation(id, second, lazy, truth(), liar);
        address watcher = challenger;
        challenger = submitter;
        _playOut(id, commitAndChallenge(id, challenger, truth()), liar, truth(), submission());
        challenger = watcher;
        _reverts(IMarket.GamesRunning.selector);
        market.release(id, second);
        _silence(about);
        market.resolve(about);
        market.release(id, second);
        // 30% of the seat, and a tenth of the jackpot: 20 of the stake.
        assertEq(market.free(challenger), PURSE + 15 ether + 2 ether);
        vm.prank(verifier);
        _reverts(Seats.NoSuchSeat.selector);
        market.leaveSeat(second);
        assertBalanced(everybody());
    }

    function test_artefactsThatNobodyGetsArePaidByNobody() external {
        (uint256 first, uint256 second) = (_seat(), _seat());
        (uint256 task, uint256 id) = proven(truth());
        vm.roll(block.number + 2);
        market.draw(id);
        bytes32 none = market.UNAVAILABLE();
        vm.startPrank(verifier);
        market.commitAttestation(id, first, claimOf(id).seed, keccak256(abi.encode(id, first, none, verifier, SALT)));
        market.commitAttestation(id, second, claimOf(id).seed, keccak256(abi.encode(id, second, none, verifier, SALT)));
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        market.revealAttestation(id, first, none, SALT);
        market.revealAttestation(id, second, none, SALT);
        vm.stopPrank();
        afterWindows(id);
        market.settle(id);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Abandoned));
        assertEq(uint256(taskOf(task).status), uint256(TaskStatus.Open));
        market.release(id, first);
        market.release(id, second);
        assertBalanced(everybody());
    }

    function test_parametersHoldForTasksToCome() external {
        (, uint256 id) = proven(truth());
        uint256 end = claimOf(id).windowsEnd;
        Values memory v = values();
        (v.challengeTime, v.minStake) = (1000, 1000 ether);
        parameters.change(v);
        assertEq(claimOf(id).windowsEnd, end);
        assertEq(taskOf(1).version, 1);
        uint256 task = submit();
        assertEq(taskOf(task).version, 2);
        (, uint256 stake) = market.rewardOf(task);
        assertEq(stake, 1000 ether);
    }

    function test_submissionsAreChecked() external {
        Submission memory s = submission();
        s.graphTree = "other";
        _bad(s, IMarket.OtherGraph.selector);
        s = submission();
        s.segment = 7;
        _bad(s, IMarket.BadSubmission.selector);
        s.segment = 0;
        _bad(s, IMarket.BadSubmission.selector);
        s = submission();
        s.job.interval = 0;
        _bad(s, IMarket.BadSubmission.selector);
        s = submission();
        s.job.steps = 0;
        _bad(s, IMarket.BadSubmission.selector);
        s = submission();
        s.rewardMin = s.rewardMax + 1;
        _bad(s, IMarket.BadSubmission.selector);
        s = submission();
        s.deadline = uint40(block.timestamp);
        _bad(s, IMarket.BadSubmission.selector);
    }

    function test_deliveriesAreChecked() external {
        uint256 id = claim(submit());
        bytes32[] memory run = Machines.run(truth(), 0, 10, INTERVAL);
        bytes32 root = Machines.root(run);
        bytes32[] memory path = Machines.path(run, 1, 1);
        vm.prank(challenger);
        _reverts(IMarket.NotSolver.selector);
        market.checkpoint(id, 2, root, run[1], path, "");
        vm.startPrank(defender);
        _reverts(IMarket.OtherRoot.selector);
        market.checkpoint(id, 2, root, run[0], path, "");
        _reverts(IMarket.OtherPath.selector);
        market.checkpoint(id, 3, root, run[1], path, "");
        _reverts(IMarket.NoProgress.selector);
        market.checkpoint(id, 6, root, run[1], path, "");
        _reverts(IMarket.OtherRoot.selector);
        market.prove(id, 0);
        market.checkpoint(id, 2, root, run[1], path, "");
        _reverts(IMarket.NoProgress.selector);
        market.checkpoint(id, 2, root, run[1], path, "");
        vm.warp(block.timestamp + WORK_TIME + 1);
        _reverts(IMarket.TooLate.selector);
        market.prove(id, root);
        vm.stopPrank();
    }

    function _playOut(uint256 id, uint256 number, Machine memory a, Machine memory b, Submission memory s) private {
        (sides[0], sides[1]) = (a, b);
        address who = challenger;
        (challenger, , , , , ) = market.challengeOf(number);
        game = _gameOf(number);
        Claim memory c = claimOf(id);
        Task memory t = taskOf(c.task);
        bytes32 root = Machines.root(Machines.run(b, t.firstStep + c.from, c.delivered, INTERVAL));
        Opening memory o = Opening(
            t.job, t.graph, t.entries, t.interval, t.firstStep + c.from, c.delivered, c.before, Level.Run, [c.root, root], [c.solver, challenger], CLOCK
        );
        (Descent memory d, ) = playTo(mirror.start(o, Player.open(mirror.begin(o), b)), DEFENDER, Level.Value);
        pinpoint.judge(game, Standing.pack(d), b.lies ? DEFENDER : CHALLENGER, s.job, "");
        market.resolve(number);
        challenger = who;
    }

    function _gameOf(uint256 number) private view returns (uint256 g) {
        (,,,,, g) = market.challengeOf(number);
    }

    /// The defender says nothing more.
    function _silence(uint256 number) private {
        vm.warp(block.timestamp + CLOCK + 1);
        pinpoint.flag(_gameOf(number));
    }

    function _seat() private returns (uint256) {
        vm.prank(verifier);
        return market.takeSeat();
    }

    function _drawAndAttest(uint256 id, uint256 first, Machine memory a, uint256 second, Machine memory b) private {
        vm.roll(block.number + 2);
        market.draw(id);
        _attest(id, first, a, second, b);
    }

    function _attest(uint256 id, uint256 first, Machine memory a, uint256 second, Machine memory b) private {
        (bytes32 traceA, bytes32 traceB) = (_trace(id, a), _trace(id, b));
        vm.startPrank(verifier);
        market.commitAttestation(id, first, claimOf(id).seed, keccak256(abi.encode(id, first, traceA, verifier, SALT)));
        market.commitAttestation(id, second, claimOf(id).seed, keccak256(abi.encode(id, second, traceB, verifier, SALT)));
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        market.revealAttestation(id, first, traceA, SALT);
        market.revealAttestation(id, second, traceB, SALT);
        vm.stopPrank();
    }

    /// Operator list of the last step of the sampled interval.
    function _trace(uint256 id, Machine memory m) private view returns (bytes32) {
        uint256 end = (uint256(claimOf(id).sample) + 1) * INTERVAL;
        return Machines.trace(m, (end < STEPS ? end : STEPS) - 1);
    }

    /// @param said What the seat attested to. @param claimed What the claim is over.
    function _challengeAttestation(uint256 id, uint256 seat, Machine memory said, Machine memory theirs, Machine memory claimed)
        private
        returns (uint256)
    {
        bytes32 root = _trace(id, theirs);
        bytes32 commitment = keccak256(abi.encode(id, seat, root, _trace(id, said), challenger, SALT));
        vm.prank(challenger);
        market.commitChallenge(id, commitment);
        vm.roll(block.number + 1);
        Claim memory c = claimOf(id);
        uint64 skipped = uint64(c.sample) * INTERVAL;
        uint64 steps = c.delivered - skipped < INTERVAL ? c.delivered - skipped : INTERVAL;
        bytes32[] memory before = new bytes32[](0);
        if (c.sample > 0) {
            bytes32[] memory run = Machines.run(claimed, 0, STEPS, INTERVAL);
            bytes32[] memory path = Machines.path(run, c.sample - 1, 3);
            before = new bytes32[](4);
            before[0] = run[c.sample - 1];
            for (uint256 i = 0; i < 3; i++) before[i + 1] = path[i];
        }
        Descent memory d;
        (d.level, d.step, d.steps) = (Level.Attestation, skipped, steps);
        bytes32[] memory first = Player.open(d, theirs);
        vm.prank(challenger);
        return market.challenge(id, seat, root, SALT, before, first);
    }

    function _bad(Submission memory s, bytes4 why) private {
        vm.prank(submitter);
        _reverts(why);
        market.submit(s);
    }

    function _with(address one) private view returns (address[] memory all) {
        all = new address[](4);
        (all[0], all[1], all[2], all[3]) = (submitter, one, challenger, verifier);
    }

    function _reverts(bytes4 why) private {
        Cheats(address(vm)).expectPartialRevert(why);
    }
}

interface Cheats {
    function expectPartialRevert(bytes4 selector) external;
}
