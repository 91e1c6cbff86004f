// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Values} from "../../src/governance/Parameters.sol";
import {ChallengeStatus, Claim, ClaimStatus, IMarket} from "../../src/market/IMarket.sol";
import {Ledger} from "../../src/market/Ledger.sol";
import {Answer, IPinpoint, Move, Outcome, Place} from "../../src/pinpoint/IPinpoint.sol";
import {Encoding} from "../../src/generated/Encoding.sol";
import {Merkle} from "../../src/Merkle.sol";
import {Machine, Machines} from "../pinpoint/Machine.sol";
import {Bazaar} from "./Bazaar.sol";

/// A tensor of a state, in chunks.
struct Held {
    bytes32 name;
    uint256 dtype;
    uint256[] dims;
    bytes32[] chunks;
}

/// @notice Who holds a state answers every demand for it; who does not loses its stake.
contract DemandTest is Bazaar {
    uint256 private constant RECORDS = 5;
    uint128 private constant FEE = 2 ether;
    uint128 private constant BOND = 50 ether;
    /// Of the big tensor: two pieces, the second of 29 chunks.
    uint64 private constant BIG = 1;

    bytes4 private constant _NOT_BOUND = IPinpoint.NotBound.selector;
    bytes4 private constant _WRONG_LENGTH = IPinpoint.WrongLength.selector;

    /// Of each demand.
    mapping(uint256 => Place) private _placeOf;

    function setUp() external {
        vm.warp(1_000_000);
        fund(submitter);
        fund(defender);
        fund(challenger);
        fund(verifier);
    }

    // What is answered.

    function test_anAnswerEarnsTheFee() external {
        (uint256 id, uint256 number) = _demanded(3, BIG, 1);
        assertEq(market.free(challenger), PURSE - BOND);
        _answerAndResolve(number, _answer(3, BIG, 1));
        // Wholly: nothing is burned of it; and the rest of the bond goes back.
        assertEq(market.free(challenger), PURSE - FEE);
        afterWindows(id);
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN + FEE);
        assertBalanced(everybody());
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_everyPieceThatIsThereCanBeShown(uint256 record, uint256 entry, uint256 piece) external {
        record = bound(record, 1, RECORDS);
        entry = bound(entry, 0, 3);
        piece = bound(piece, 0, entry == BIG ? 1 : 0);
        (, uint256 number) = _demanded(uint64(record), uint64(entry), uint64(piece));
        _answerAndResolve(number, _answer(record, entry, piece));
        assertEq(market.free(challenger), PURSE - FEE);
        assertBalanced(everybody());
    }

    function test_aTrainedStateIsShown() external {
        (, uint256 id) = proven(truth());
        bytes32[] memory run = Machines.run(truth(), 0, STEPS, INTERVAL);
        bytes32[] memory state = Machines.state(truth(), 10);
        bytes32[] memory chunks = Machines.tensor(truth(), 9, 1);
        uint256[] memory dims = new uint256[](1);
        dims[0] = ELEMENTS;
        Answer memory a;
        (a.state, a.record) = (run[1], Machines.path(run, 1, 3));
        (a.count, a.list) = (2, Machines.root(state));
        (a.name, a.dtype, a.dims, a.tensor) = (bytes32(uint256(1)), Encoding.F32, dims, Machines.root(chunks));
        (a.entry, a.chunks) = (Machines.path(state, 1, 1), chunks);
        uint256 number = _demand(id, 2, 1, 0);
        _answerAndResolve(number, a);
        assertEq(market.free(challenger), PURSE - FEE);
    }

    function test_whereNothingIsTheHeaderIsTheAnswer() external {
        uint256 id = _proven();
        // No such entry.
        uint256 number = _demand(id, 2, 4, 0);
        Answer memory a = _header(2);
        _answerAndResolve(number, a);
        // No such piece, of a tensor of several and of one chunk.
        number = _demand(id, 2, BIG, 2);
        a = _answer(2, BIG, 0);
        _refused(number, a, _WRONG_LENGTH);
        a.chunks = new bytes32[](0);
        _answerAndResolve(number, a);
        number = _demand(id, 2, 2, 1);
        a = _answer(2, 2, 0);
        a.chunks = new bytes32[](0);
        _answerAndResolve(number, a);
        number = _demand(id, 2, type(uint64).max, type(uint64).max);
        _answerAndResolve(number, _header(2));
        assertEq(market.free(challenger), PURSE - 4 * FEE);
        assertBalanced(everybody());
    }

    function test_whatIsThereIsNotAnsweredByTheHeader() external {
        (, uint256 number) = _demanded(2, 3, 0);
        Answer memory a = _header(2);
        _refused(number, a, _WRONG_LENGTH);
        // With another number of entries it is the header of another state.
        a.count = 3;
        _refused(number, a, _NOT_BOUND);
        // A tensor without elements is another tensor.
        a = _answer(2, 3, 0);
        (a.dims, a.chunks) = (new uint256[](1), new bytes32[](0));
        _refused(number, a, _NOT_BOUND);
        _answerAndResolve(number, _answer(2, 3, 0));
    }

    function test_anyoneMayBringTheAnswer() external {
        (, uint256 number) = _demanded(1, 0, 0);
        (uint256 g, Place memory place, Answer memory a) = (_game(number), _placeOf[number], _answer(1, 0, 0));
        vm.prank(address(0x99));
        pinpoint.answer(g, place, a);
        assertEq(uint256(pinpoint.outcomeOf(_game(number))), uint256(Outcome.Defender));
    }

    // What is no answer.

    function test_otherBytesAreRefused() external {
        (, uint256 number) = _demanded(3, BIG, 0);
        (Answer memory a, uint256 g) = (_answer(3, BIG, 0), _game(number));
        (bytes32 standing, uint256 free) = (pinpoint.descentOf(g), market.free(defender));
        a.chunks[17] ^= bytes32(uint256(1));
        _refused(number, a, _NOT_BOUND);
        // Another piece, entry, state, and another's name, type, shape.
        _refused(number, _answer(3, BIG, 1), _WRONG_LENGTH);
        _refused(number, _answer(3, 0, 0), _NOT_BOUND);
        _refused(number, _answer(2, BIG, 0), _NOT_BOUND);
        a = _answer(3, BIG, 0);
        a.name = "other";
        _refused(number, a, _NOT_BOUND);
        a = _answer(3, BIG, 0);
        a.dtype = Encoding.BOOL;
        _refused(number, a, _NOT_BOUND);
        a = _answer(3, BIG, 0);
        a.dims[0]--;
        _refused(number, a, _NOT_BOUND);
        a = _answer(3, BIG, 0);
        a.list = "other";
        _refused(number, a, _NOT_BOUND);
        a = _answer(3, BIG, 0);
        a.tensor = "other";
        _refused(number, a, _NOT_BOUND);
        assertEq(pinpoint.descentOf(g), standing);
        assertEq(market.free(defender), free);
        assertEq(uint256(pinpoint.outcomeOf(g)), uint256(Outcome.Open));
    }

    function test_pathsHaveTheLengthOfTheTree() external {
        (, uint256 number) = _demanded(3, BIG, 0);
        Answer memory a = _answer(3, BIG, 0);
        a.record = _longer(a.record);
        _refused(number, a, _WRONG_LENGTH);
        a.record = new bytes32[](2);
        _refused(number, a, _WRONG_LENGTH);
        a = _answer(3, BIG, 0);
        a.entry = _longer(a.entry);
        _refused(number, a, _WRONG_LENGTH);
        a.entry = new bytes32[](0);
        _refused(number, a, _WRONG_LENGTH);
        a = _answer(3, BIG, 0);
        a.path = _longer(a.path);
        _refused(number, a, _WRONG_LENGTH);
        a.path = new bytes32[](0);
        _refused(number, a, _WRONG_LENGTH);
        a = _answer(3, BIG, 0);
        a.chunks = _longer(a.chunks);
        _refused(number, a, _WRONG_LENGTH);
        // A subtree in place of its chunks.
        a.chunks = new bytes32[](1);
        _refused(number, a, _WRONG_LENGTH);
    }

    function test_anAnswerIsToTheDemandAtItsPlace() external {
        uint256 id = _proven();
        uint256 number = _demand(id, 3, BIG, 0);
        _demand(id, 2, BIG, 0);
        Place memory place = Place(claimOf(id).root, 5, 2, BIG, 0);
        Answer memory a = _answer(2, BIG, 0);
        uint256 g = _game(number);
        _reverts(IPinpoint.OtherDescent.selector);
        pinpoint.answer(g, place, a);
        // Nor to one against another claim.
        place = Place(claimOf(id).root, 5, 3, BIG, 0);
        place.root = "other";
        _reverts(IPinpoint.OtherDescent.selector);
        pinpoint.answer(g, place, a);
        // No move is made in a game of this kind.
        Move memory m;
        m.descent = new bytes32[](9);
        vm.prank(defender);
        _reverts(IPinpoint.OtherDescent.selector);
        pinpoint.move(g, m);
        vm.prank(challenger);
        _reverts(IPinpoint.NotYourTurn.selector);
        pinpoint.move(g, m);
    }

    function test_noDescentIsAnsweredLikeADemand() external {
        uint256 id = _proven();
        uint256 number = commitAndChallenge(id, challenger, truth());
        Place memory place = Place(claimOf(id).root, 5, 1, 0, 0);
        Answer memory a = _answer(1, 0, 0);
        uint256 g = _game(number);
        _reverts(IPinpoint.OtherDescent.selector);
        pinpoint.answer(g, place, a);
    }

    function test_nothingIsAnsweredTwice() external {
        (uint256 id, uint256 number) = _demanded(1, 0, 0);
        _answerAndResolve(number, _answer(1, 0, 0));
        _refused(number, _answer(1, 0, 0), IPinpoint.Ended.selector);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.resolve(number);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.collect(number);
        // To ask again costs again.
        number = _demand(id, 1, 0, 0);
        assertEq(market.free(challenger), PURSE - FEE - BOND);
        _answerAndResolve(number, _answer(1, 0, 0));
        assertEq(market.free(challenger), PURSE - 2 * FEE);
    }

    // What is not answered.

    function test_whoDoesNotAnswerLosesItsStake() external {
        (uint256 id, uint256 number) = _demanded(5, 0, 0);
        uint256 g = _game(number);
        vm.warp(block.timestamp + CLOCK);
        _reverts(IPinpoint.ClockRuns.selector);
        pinpoint.flag(g);
        _reverts(IMarket.GamesRunning.selector);
        market.resolve(number);
        vm.warp(block.timestamp + 1);
        _refused(number, _answer(5, 0, 0), IPinpoint.ClockEmpty.selector);
        pinpoint.flag(g);
        market.resolve(number);
        // As for a false claim: 30 to whoever was right, 40 burned, 30 to the jackpot; nothing is paid.
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        assertEq(market.free(challenger), PURSE + 30 ether);
        assertEq(market.free(defender), PURSE - 100 ether);
        assertEq(market.totalBurned(), 40 ether);
        assertEq(market.jackpot(), 30 ether);
        assertBalanced(everybody());
    }

    function test_anAnswerInTheLastSecondCounts() external {
        (, uint256 number) = _demanded(5, 0, 0);
        vm.warp(block.timestamp + CLOCK);
        _answerAndResolve(number, _answer(5, 0, 0));
        assertEq(market.free(challenger), PURSE - FEE);
    }

    function test_aClaimWithADemandIsNotSettled() external {
        uint256 id = _proven();
        vm.warp(claimOf(id).challengeEnd);
        uint256 number = _demand(id, 1, 0, 0);
        afterWindows(id);
        _reverts(IMarket.GamesRunning.selector);
        market.settle(id);
        _answerAndResolve(number, _answer(1, 0, 0));
        market.settle(id);
        assertEq(market.free(defender), PURSE + REWARD_MIN + FEE);
    }

    function test_demandsAreMadeInTheirTimeAndOfWhatIsClaimed() external {
        uint256 id = claim(submit());
        bytes32 root = claimOf(id).root;
        _reverts(IMarket.WrongClaimStatus.selector);
        market.demand(id, root, 1, 0, 0);
        prove(id, truth(), STEPS);
        root = claimOf(id).root;
        vm.startPrank(challenger);
        _reverts(IMarket.NoProgress.selector);
        market.demand(id, root, 0, 0, 0);
        _reverts(IMarket.NoProgress.selector);
        market.demand(id, root, 6, 0, 0);
        _reverts(IMarket.OtherRoot.selector);
        market.demand(id, "other", 1, 0, 0);
        vm.stopPrank();
        vm.prank(address(0x99));
        _reverts(Ledger.TooLittle.selector);
        market.demand(id, root, 1, 0, 0);
        vm.warp(uint256(claimOf(id).challengeEnd) + 1);
        vm.prank(challenger);
        _reverts(IMarket.TooLate.selector);
        market.demand(id, root, 1, 0, 0);
        afterWindows(id);
        market.settle(id);
        vm.prank(challenger);
        _reverts(IMarket.WrongClaimStatus.selector);
        market.demand(id, root, 1, 0, 0);
    }

    // Several.

    function test_severalDemandsEachToItsEnd() external {
        uint256 id = _proven();
        uint256 a = _demand(id, 1, 0, 0);
        uint256 b = _demand(id, 2, BIG, 1);
        vm.warp(block.timestamp + CLOCK / 4);
        uint256 c = _demandBy(verifier, id, 3, 2, 0);
        _answerAndResolve(a, _answer(1, 0, 0));
        assertEq(claimOf(id).games, 2);
        vm.warp(block.timestamp + CLOCK - CLOCK / 4 + 1);
        pinpoint.flag(_game(b));
        market.resolve(b);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Slashed));
        // The prize waits for the other, which has time left: whoever answers is paid, though its claim has fallen.
        _reverts(IMarket.GamesRunning.selector);
        market.collect(b);
        _answerAndResolve(c, _answer(3, 2, 0));
        market.collect(b);
        assertEq(market.free(challenger), PURSE - FEE + 30 ether);
        assertEq(market.free(verifier), PURSE - FEE);
        assertEq(market.free(defender), PURSE - 100 ether + 2 * FEE);
        _reverts(IMarket.WrongChallengeStatus.selector);
        market.collect(b);
        assertBalanced(everybody());
    }

    /// Nobody takes more of the prize by a silent challenge of itself than whoever has demanded, nor by a demand than a challenger.
    function test_aDemandIsWorthAsMuchAsAChallenge() external {
        uint256 id = _proven();
        uint256 honest = _demand(id, 1, 0, 0);
        uint256 own = commitAndChallenge(id, verifier, truth());
        vm.warp(block.timestamp + CLOCK + 1);
        pinpoint.flag(_game(own));
        market.resolve(own);
        pinpoint.flag(_game(honest));
        market.resolve(honest);
        market.collect(own);
        assertEq(market.free(challenger), PURSE + 15 ether);
        assertEq(market.free(verifier), PURSE + 15 ether);
        assertEq(uint256(claimOf(id).prize), 0);
        assertBalanced(everybody());
    }

    function test_theFeeIsNoMoreThanTheBond() external {
        Values memory v = values();
        (v.minStake, v.demandFee, v.bondShare) = (100 ether, 100 ether, 10_000);
        parameters.change(v);
        (, uint256 number) = _demanded(1, 0, 0);
        _answerAndResolve(number, _answer(1, 0, 0));
        assertEq(market.free(challenger), PURSE - 1 ether);
    }

    function test_demandingOfOneselfGainsNothing() external {
        uint256 id = _proven();
        uint256 number = _demandBy(defender, id, 1, 0, 0);
        _answerAndResolve(number, _answer(1, 0, 0));
        assertEq(market.free(defender), PURSE - 100 ether);
        number = _demandBy(defender, id, 1, 0, 0);
        vm.warp(block.timestamp + CLOCK + 1);
        pinpoint.flag(_game(number));
        market.resolve(number);
        assertEq(market.free(defender), PURSE - 70 ether);
        assertBalanced(everybody());
    }

    /// Delivering roots alone and answering what is demanded, again and again.
    function test_holdingATaskUpByWithholdingCosts() external {
        vm.startPrank(verifier);
        uint256 first = market.takeSeat();
        uint256 second = market.takeSeat();
        vm.stopPrank();
        uint256 id = _proven();
        vm.roll(block.number + 2);
        market.draw(id);
        (bytes32 none, bytes32 seed) = (market.UNAVAILABLE(), claimOf(id).seed);
        vm.startPrank(verifier);
        market.commitAttestation(id, first, seed, keccak256(abi.encode(id, first, none, verifier, SALT)));
        market.commitAttestation(id, second, seed, keccak256(abi.encode(id, second, none, verifier, SALT)));
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        market.revealAttestation(id, first, none, SALT);
        market.revealAttestation(id, second, none, SALT);
        vm.stopPrank();
        // One that is answered does not outvote them.
        _answerAndResolve(_demand(id, 1, 0, 0), _answer(1, 0, 0));
        afterWindows(id);
        market.settle(id);
        assertEq(uint256(claimOf(id).status), uint256(ClaimStatus.Abandoned));
        assertEq(market.free(defender), PURSE + FEE - 10 ether);
        assertBalanced(everybody());
    }

    function test_theFeeHoldsForTasksToCome() external {
        uint256 id = _proven();
        Values memory v = values();
        v.demandFee = v.minStake;
        parameters.change(v);
        _answerAndResolve(_demand(id, 1, 0, 0), _answer(1, 0, 0));
        assertEq(market.free(challenger), PURSE - FEE);
        v.demandFee++;
        vm.expectRevert();
        parameters.change(v);
    }

    // The states that are claimed: four entries of different types and sizes, in each record other bytes.

    function _entries(uint256 record) private pure returns (Held[] memory all) {
        all = new Held[](4);
        all[0] = Held("w", Encoding.F32, _dims(7, 10), _bytes(record, 9));
        all[BIG] = Held("table", Encoding.U8, _dims(5000, 1), _bytes(record, 157));
        all[2] = Held("step", Encoding.I32, new uint256[](0), _bytes(record, 1));
        all[3] = Held("mask", Encoding.BOOL, _dims(3, 2), _bytes(record, 1));
    }

    function _dims(uint256 a, uint256 b) private pure returns (uint256[] memory dims) {
        dims = new uint256[](2);
        (dims[0], dims[1]) = (a, b);
    }

    function _bytes(uint256 record, uint256 count) private pure returns (bytes32[] memory chunks) {
        chunks = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) chunks[i] = keccak256(abi.encode(record, count, i));
    }

    function _digests(uint256 record) private view returns (bytes32[] memory digests) {
        Held[] memory all = _entries(record);
        digests = new bytes32[](all.length);
        for (uint256 i = 0; i < all.length; i++) {
            bytes32 tensor = Merkle.tensorRoot(all[i].dtype, all[i].dims, Machines.root(all[i].chunks));
            digests[i] = Merkle.stateEntry(all[i].name, all[i].dtype, all[i].dims, tensor);
        }
    }

    function _run() private view returns (bytes32[] memory run) {
        run = new bytes32[](RECORDS);
        for (uint256 i = 0; i < RECORDS; i++) run[i] = sha256(abi.encode(Encoding.LIST_TAG, 4, Machines.root(_digests(i + 1))));
    }

    function _proven() private returns (uint256 id) {
        id = claim(submit());
        bytes32[] memory run = _run();
        vm.startPrank(defender);
        market.checkpoint(id, uint64(RECORDS), Machines.root(run), run[4], Machines.path(run, 4, 3), "cid");
        market.prove(id, Machines.root(run));
        vm.stopPrank();
    }

    function _demanded(uint64 record, uint64 entry, uint64 piece) private returns (uint256 id, uint256 number) {
        id = _proven();
        number = _demand(id, record, entry, piece);
    }

    function _demand(uint256 id, uint64 record, uint64 entry, uint64 piece) private returns (uint256) {
        return _demandBy(challenger, id, record, entry, piece);
    }

    function _demandBy(address who, uint256 id, uint64 record, uint64 entry, uint64 piece) private returns (uint256) {
        Place memory place = Place(claimOf(id).root, uint64(RECORDS), record, entry, piece);
        _placeOf[market.challenges() + 1] = place;
        vm.prank(who);
        return market.demand(id, place.root, record, entry, piece);
    }

    function _header(uint256 record) private view returns (Answer memory a) {
        bytes32[] memory run = _run();
        (a.state, a.record) = (run[record - 1], Machines.path(run, record - 1, 3));
        (a.count, a.list) = (4, Machines.root(_digests(record)));
    }

    function _answer(uint256 record, uint256 entry, uint256 piece) private view returns (Answer memory a) {
        a = _header(record);
        Held memory held = _entries(record)[entry];
        (a.name, a.dtype, a.dims, a.tensor) = (held.name, held.dtype, held.dims, Machines.root(held.chunks));
        a.entry = Machines.path(_digests(record), entry, 2);
        uint256 left = held.chunks.length - 128 * piece;
        a.chunks = new bytes32[](left < 128 ? left : 128);
        for (uint256 i = 0; i < a.chunks.length; i++) a.chunks[i] = held.chunks[128 * piece + i];
        a.path = new bytes32[](held.chunks.length > 128 ? 1 : 0);
        if (a.path.length > 0) a.path[0] = Machines.row(held.chunks, 7)[piece ^ 1];
    }

    function _longer(bytes32[] memory path) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; i++) longer[i] = path[i];
    }

    function _game(uint256 number) private view returns (uint256 g) {
        (,,,,, g) = market.challengeOf(number);
    }

    function _answerAndResolve(uint256 number, Answer memory a) private {
        pinpoint.answer(_game(number), _placeOf[number], a);
        market.resolve(number);
        (, , ChallengeStatus status, , , ) = market.challengeOf(number);
        assertEq(uint256(status), uint256(ChallengeStatus.Resolved));
    }

    function _refused(uint256 number, Answer memory a, bytes4 why) private {
        uint256 g = _game(number);
        Place memory place = _placeOf[number];
        _reverts(why);
        pinpoint.answer(g, place, a);
    }

    function _reverts(bytes4 why) private {
        Cheats(address(vm)).expectPartialRevert(why);
    }
}

interface Cheats {
    function expectPartialRevert(bytes4 selector) external;
}
