// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ChallengeStatus, Claim, ClaimStatus, Task, TaskStatus} from "../../src/market/IMarket.sol";
import {TaskMarket} from "../../src/market/TaskMarket.sol";
import {Encoding} from "../../src/generated/Encoding.sol";
import {Merkle} from "../../src/Merkle.sol";
import {Answer, Outcome, Place} from "../../src/pinpoint/IPinpoint.sol";
import {Ledger} from "../../src/market/Ledger.sol";
import {Machine, Machines} from "../pinpoint/Machine.sol";
import {Bazaar} from "./Bazaar.sol";

/// @notice People who do anything at any time; what is refused is refused.
contract Crowd is Bazaar {
    mapping(uint256 => ClaimStatus) private _ended;
    bool public reborn;
    /// Of each demand.
    mapping(uint256 => Place) private _placeOf;

    function setUp() external {
        vm.warp(1_000_000);
        fund(submitter);
        fund(defender);
        fund(challenger);
        fund(verifier);
    }

    function post(uint256 delay) external {
        submit();
        vm.warp(block.timestamp + delay % 300);
    }

    function take(uint256 task) external {
        claim(_pick(task, market.tasks()));
    }

    function finish(uint256 id, uint256 records, bool lies) external {
        uint64 steps = uint64((records % 5 + 1) * INTERVAL);
        prove(_pick(id, market.claims()), lies ? lie(0, 2, 3, 0) : truth(), steps > STEPS ? STEPS : steps);
    }

    function accuse(uint256 id, bool lies, bool other) external {
        commitAndChallenge(_pick(id, market.claims()), other ? verifier : challenger, lies ? lie(0, 2, 4, 0) : truth());
    }

    /// And says what, or takes it back, another time.
    function threaten(uint256 id, bool lies) external {
        commit(_pick(id, market.claims()), submitter, lies ? lie(0, 2, 4, 0) : truth());
    }

    function strike(uint256 id, bool lies) external {
        id = _pick(id, market.claims());
        Claim memory c = claimOf(id);
        Machine memory theirs = lies ? lie(0, 2, 4, 0) : truth();
        challenge(id, submitter, theirs, Machines.root(Machines.run(theirs, taskOf(c.task).firstStep + c.from, c.delivered, INTERVAL)));
    }

    function withhold(uint256 id) external {
        id = _pick(id, market.claims());
        vm.prank(submitter);
        market.takeBack(id);
    }

    /// The third entry is none of a state.
    function ask(uint256 id, uint64 record, uint64 entry, uint64 piece, uint256 who) external {
        id = _pick(id, market.claims());
        Claim memory c = claimOf(id);
        uint64 records = uint64((c.delivered + INTERVAL - 1) / INTERVAL);
        Place memory place = Place(c.root, records, records == 0 ? 0 : 1 + record % records, entry % 3, piece % 2);
        vm.prank(everybody()[who % 4]);
        _placeOf[market.demand(id, c.root, place.record, place.entry, place.piece)] = place;
    }

    /// By anybody, as it is or with other bytes.
    function publish(uint256 number, bool wrong) external {
        number = _pick(number, market.challenges());
        (, uint64 id, , , , uint64 g) = market.challengeOf(number);
        Answer memory a = _shown(claimOf(id), _placeOf[number]);
        if (wrong) a.state ^= bytes32(uint256(1));
        pinpoint.answer(g, _placeOf[number], a);
        market.resolve(number);
    }

    /// From the truth, or from the lie that `finish` tells.
    function _shown(Claim memory c, Place memory place) private view returns (Answer memory a) {
        uint256 from = taskOf(c.task).firstStep + c.from;
        bytes32[] memory run = Machines.run(truth(), from, c.delivered, INTERVAL);
        Machine memory m = Machines.root(run) == c.root ? truth() : lie(0, 2, 3, 0);
        run = Machines.run(m, from, c.delivered, INTERVAL);
        uint256 done = place.record * INTERVAL;
        done = from + (done < c.delivered ? done : c.delivered);
        bytes32[] memory state = Machines.state(m, done);
        (a.state, a.record) = (run[place.record - 1], Machines.path(run, place.record - 1, Merkle.depthOf(run.length)));
        (a.count, a.list) = (2, Machines.root(state));
        if (place.entry >= 2) return a;
        bytes32[] memory held = Machines.tensor(m, done - 1, 2 - place.entry);
        (a.name, a.dtype, a.dims) = (bytes32(uint256(place.entry)), Encoding.F32, new uint256[](1));
        (a.dims[0], a.tensor, a.entry) = (ELEMENTS, Machines.root(held), Machines.path(state, place.entry, 1));
        if (place.piece == 0) a.chunks = held;
    }

    function collect(uint256 number) external {
        market.collect(_pick(number, market.challenges()));
    }

    /// The whole committee, to anything; or to nothing.
    function attest(uint256 id, bool some) external {
        _attest(_pick(id, market.claims()), some);
    }

    function _attest(uint256 id, bool some) private {
        vm.roll(block.number + 2);
        market.draw(id);
        bytes32 seed = claimOf(id).seed;
        for (uint256 seat = 1; seat <= market.seats(); seat++) {
            if (!_assigned(id, seat)) continue;
            vm.prank(verifier);
            market.commitAttestation(id, seat, seed, keccak256(abi.encode(id, seat, bytes32(seat + 1), verifier, SALT)));
        }
        vm.warp(uint256(claimOf(id).commitEnd) + 1);
        for (uint256 seat = some ? 2 : 1; seat <= market.seats(); seat++) {
            if (!_assigned(id, seat)) continue;
            vm.prank(verifier);
            market.revealAttestation(id, seat, bytes32(seat + 1), SALT);
        }
    }

    /// A false claim with one or two challengers, of whom one is through at once.
    function fall(bool attested, bool second, bool threatened, bool lies) external {
        uint256 id = claim(submit());
        prove(id, lie(0, 2, 3, 0), STEPS);
        if (attested) {
            vm.prank(verifier);
            market.takeSeat();
            _attest(id, lies);
        }
        if (threatened) commit(id, submitter, truth());
        uint256 number = commitAndChallenge(id, challenger, lies ? lie(0, 2, 4, 0) : truth());
        if (second) commitAndChallenge(id, verifier, truth());
        (,,,,, uint256 g) = market.challengeOf(number);
        vm.warp(block.timestamp + CLOCK + 1);
        pinpoint.flag(g);
        market.resolve(number);
    }

    function rest(uint256 id, uint256 seat) external {
        market.release(_pick(id, market.claims()), _pick(seat, market.seats()));
    }

    /// Whoever's turn it is says nothing.
    function silence(uint256 number) external {
        number = _pick(number, market.challenges());
        (,,,,, uint256 g) = market.challengeOf(number);
        vm.warp(block.timestamp + CLOCK + 1);
        if (pinpoint.outcomeOf(g) == Outcome.Open) pinpoint.flag(g);
        market.resolve(number);
    }

    /// All games end, in any order, and who was right is paid.
    function settleUp(uint256 first) external {
        vm.warp(block.timestamp + CLOCK + 1);
        uint256 count = market.challenges();
        for (uint256 i = 0; i < count; i++) {
            (, , ChallengeStatus status, , , uint256 g) = market.challengeOf(1 + (first % count + i) % count);
            if (status != ChallengeStatus.Playing) continue;
            if (pinpoint.outcomeOf(g) == Outcome.Open) pinpoint.flag(g);
            market.resolve(1 + (first % count + i) % count);
        }
    }

    function moveOn(uint256 id, uint256 what) external {
        id = _pick(id, market.claims());
        what %= 7;
        vm.roll(block.number + 2);
        if (what == 0) market.stop(id);
        else if (what == 1) market.draw(id);
        else if (what == 2) market.prove(id, claimOf(id).root);
        else if (what == 3) vm.warp(block.timestamp + 150);
        else if (what == 5) market.burn();
        else if (what == 4) market.close(_pick(id, market.tasks()));
        else market.settle(id);
    }

    function sit(bool leave, uint256 seat) external {
        seat %= market.seats() + 1;
        vm.prank(verifier);
        if (leave) market.leaveSeat(seat);
        else market.takeSeat();
    }

    function cash(uint256 who, uint256 amount) external {
        address account = everybody()[who % 4];
        amount %= market.free(account) + 2;
        vm.prank(account);
        market.withdraw(amount);
    }

    /// What ended stays as it ended.
    function look(uint256 id) external {
        id = _pick(id, market.claims());
        ClaimStatus status = claimOf(id).status;
        if (_ended[id] >= ClaimStatus.Settled && _ended[id] != status) reborn = true;
        _ended[id] = status;
    }

    function check() external view {
        assertBalanced(everybody());
        assertTrue(!reborn, "an ended claim came back to life");
        uint256 escrows;
        for (uint256 task = 1; task <= market.tasks(); task++) {
            Task memory t = taskOf(task);
            escrows += t.escrow;
            bool over = t.status == TaskStatus.Done || t.status == TaskStatus.Closed;
            assertTrue(!over || t.escrow == 0, "an ended task holds money");
            assertTrue((t.status == TaskStatus.Taken) == (t.claim != 0), "a claim without a task");
        }
        assertEq(escrows + _stakes() + _bonds() + _seats(), market.totalLocked());
    }

    /// Stakes at work, prizes and fees that are not paid yet, bonds of what was committed to.
    function _stakes() private view returns (uint256 sum) {
        for (uint256 id = 1; id <= market.claims(); id++) {
            Claim memory c = claimOf(id);
            if (c.status < ClaimStatus.Settled) sum += c.stake;
            assertTrue(c.prize == 0 || c.status == ClaimStatus.Slashed, "a prize without a fall");
            sum += c.prize;
            uint256 waiting;
            for (uint256 i = 0; i < 4; i++) {
                (bytes32 hash, , uint128 bond) = market.commitmentOf(id, everybody()[i]);
                if (hash != 0) waiting++;
                sum += bond;
            }
            assertEq(waiting, c.pending);
            for (uint256 seat = 1; seat <= market.seats(); seat++) if (_assigned(id, seat)) sum += c.fee;
        }
    }

    function _bonds() private view returns (uint256 sum) {
        for (uint256 number = 1; number <= market.challenges(); number++) {
            (, , ChallengeStatus status, uint128 bond, , ) = market.challengeOf(number);
            if (status == ChallengeStatus.Playing) sum += bond;
        }
    }

    function _seats() private view returns (uint256 sum) {
        for (uint256 seat = 1; seat <= market.seats(); seat++) {
            (, , uint128 stake) = market.seatOf(seat);
            sum += stake;
        }
    }

    function _assigned(uint256 id, uint256 seat) private view returns (bool assigned) {
        (, , assigned, , , ) = market.dutyOf(id, seat);
    }

    /// Mostly one of the newest, with which there is something to do.
    function _pick(uint256 n, uint256 count) private pure returns (uint256) {
        if (count == 0) return 1;
        return n % 4 == 0 || count < 3 ? 1 + n % count : count - n % 3;
    }
}

/// @notice No order of calls makes or loses money.
contract MoneyTest is Bazaar {
    Crowd private _crowd;

    function setUp() external {
        _crowd = new Crowd();
        _crowd.setUp();
        target(address(_crowd));
    }

    /// Else the invariant would say nothing about demands.
    function test_theCrowdDemandsAndAnswers() external {
        for (uint256 claim_ = 0; claim_ < 2; claim_++) {
            _crowd.post(0);
            _crowd.take(claim_);
            _crowd.finish(claim_, 4, claim_ == 1);
            _crowd.ask(claim_, 2, 0, 0, 3);
            _crowd.ask(claim_, 4, 1, 1, 2);
            _crowd.ask(claim_, 0, 2, 0, 1);
            // The last three.
            for (uint256 i = 0; i < 3; i++) _crowd.publish(claim_ == 0 ? 8 * (i + 2) : 9 + i, false);
        }
        _crowd.check();
    }

    function invariant_paidInIsPaidOutAndLockedAndBurned() external view {
        _crowd.check();
    }
}

/// @notice A token that hands control to whoever receives it.
contract HookedToken is ERC20Burnable {
    address private _hook;

    constructor() ERC20("Hooked", "HOOK") {
        _mint(msg.sender, 1e30);
    }

    function hook(address receiver) external {
        _hook = receiver;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (to == _hook) Receiver(to).received();
    }
}

/// @notice A payee that refuses to be paid, or withdraws again while it is.
contract Receiver {
    TaskMarket private immutable _market;
    bool private immutable _refuses;

    error NoThanks();

    constructor(TaskMarket market, bool refuses) {
        (_market, _refuses) = (market, refuses);
    }

    function put(IERC20 token, uint256 amount) external {
        token.approve(address(_market), amount);
        _market.deposit(amount);
    }

    function take(uint256 amount) external {
        _market.withdraw(amount);
    }

    function received() external {
        if (_refuses) revert NoThanks();
        try _market.withdraw(1 ether) {} catch {}
    }
}

/// @notice Whoever cannot or will not be paid stands in nobody's way.
contract ReceiversTest is Bazaar {
    HookedToken private _hooked;
    TaskMarket private _market;

    function setUp() external {
        _hooked = new HookedToken();
        _market = new TaskMarket(IERC20(address(_hooked)), parameters, pinpoint, selections);
        _hooked.approve(address(_market), 100 ether);
        _market.deposit(100 ether);
    }

    function test_aPayeeThatRevertsBlocksNobodyElse() external {
        Receiver bad = _receiver(true);
        vm.expectRevert(Receiver.NoThanks.selector);
        bad.take(10 ether);
        assertEq(_market.free(address(bad)), 10 ether);
        _market.withdraw(100 ether);
        assertEq(_hooked.balanceOf(address(_market)), 10 ether);
    }

    function test_aPayeeThatComesBackGetsNoMoreThanItsOwn() external {
        Receiver bad = _receiver(false);
        // Each payment makes it ask for one more.
        bad.take(1 ether);
        assertEq(_hooked.balanceOf(address(bad)) + _market.free(address(bad)), 10 ether);
        assertEq(_hooked.balanceOf(address(_market)), 100 ether + _market.free(address(bad)));
        assertEq(_market.totalIn() - _market.totalOut(), _hooked.balanceOf(address(_market)));
    }

    function _receiver(bool refuses) private returns (Receiver bad) {
        bad = new Receiver(_market, refuses);
        _hooked.transfer(address(bad), 10 ether);
        bad.put(IERC20(address(_hooked)), 10 ether);
        _hooked.hook(address(bad));
    }
}
