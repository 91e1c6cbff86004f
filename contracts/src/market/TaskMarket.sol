// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Merkle} from "../Merkle.sol";
import {Parameters, Values} from "../governance/Parameters.sol";
import {IPinpoint, Level, Opening, Outcome} from "../pinpoint/IPinpoint.sol";
import {Paths} from "../pinpoint/Paths.sol";
import {Attestations} from "./Attestations.sol";
import {Claims} from "./Claims.sol";
import {Challenge, ChallengeStatus, Claim, ClaimStatus, Duty, Task} from "./IMarket.sol";
import {Ledger} from "./Ledger.sol";

/// @title The market, with its last part: challenges, which begin pinpoint games and read how they ended.
contract TaskMarket is Attestations {
    struct Commitment {
        bytes32 hash;
        uint64 madeIn;
        uint128 bond;
    }

    IPinpoint public immutable pinpoint;
    uint256 public challenges;
    mapping(uint256 => Challenge) public challengeOf;
    mapping(uint256 => mapping(address => Commitment)) public commitmentOf;

    constructor(IERC20 token_, Parameters parameters_, IPinpoint pinpoint_) Ledger(token_) Claims(parameters_) {
        pinpoint = pinpoint_;
    }

    function commitChallenge(uint256 id, bytes32 commitment) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        if (block.timestamp > c.challengeEnd) revert TooLate(block.timestamp, c.challengeEnd);
        if (commitmentOf[id][msg.sender].hash != 0) revert AlreadyCommitted(msg.sender);
        uint128 bond = uint128(_share(c.stake, _values(c.task).bondShare));
        commitmentOf[id][msg.sender] = Commitment(commitment, uint64(block.number), bond);
        _lock(msg.sender, bond);
        emit ChallengeCommitted(id, msg.sender, commitment);
    }

    function challenge(uint256 id, uint256 seat, bytes32 root, bytes32 salt, bytes32[] calldata before, bytes32[] calldata first)
        external
        returns (uint256 number)
    {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        uint128 bond = _reveal(id, c, seat, root, salt);
        Opening memory o = _opening(c);
        if (seat == 0) {
            if (before.length != 0) revert OtherPath(before.length, 0);
            c.games++;
            (o.before, o.steps, o.roots[0], o.players[0]) = (c.before, c.delivered, c.root, c.solver);
        } else {
            Duty storage duty = dutyOf[id][seat];
            if (!duty.assigned || !duty.revealed || duty.lost || duty.trace == UNAVAILABLE) revert NotAssigned(seat);
            duty.games++;
            uint64 skipped = uint64(c.sample) * o.interval;
            uint64 left = c.delivered - skipped;
            o.level = Level.Attestation;
            o.before = _stateBefore(c, o.interval, before);
            o.step += skipped;
            o.steps = left < o.interval ? left : o.interval;
            (o.roots[0], o.players[0]) = (duty.trace, seatOf[seat].owner);
        }
        o.roots[1] = root;
        uint256 game = pinpoint.open(o, first);
        number = ++challenges;
        challengeOf[number] = Challenge(msg.sender, uint64(id), ChallengeStatus.Playing, bond, uint64(seat), uint64(game));
        emit Challenged(id, number, msg.sender, seat, game);
    }

    function takeBack(uint256 id) external {
        Claim storage c = _claimOf[id];
        Commitment memory made = commitmentOf[id][msg.sender];
        if (made.hash == 0) revert NothingToTakeBack(msg.sender);
        if (!_ended(c)) revert WrongClaimStatus(id, c.status);
        delete commitmentOf[id][msg.sender];
        _unlock(msg.sender, made.bond);
    }

    function resolve(uint256 number) external {
        Challenge storage h = challengeOf[number];
        if (h.status != ChallengeStatus.Playing) revert WrongChallengeStatus(number, h.status);
        Claim storage c = _claimOf[h.claim];
        Outcome outcome = pinpoint.outcomeOf(h.game);
        // A game about a claim that has fallen needs no end.
        bool moot = c.status == ClaimStatus.Slashed;
        if (outcome == Outcome.Open && !moot) revert GamesRunning(1);
        h.status = ChallengeStatus.Resolved;
        Values memory v = _values(c.task);
        bool upheld = outcome == Outcome.Challenger || outcome == Outcome.Neither;
        address winner = outcome == Outcome.Challenger ? h.challenger : address(0);
        Duty storage duty = dutyOf[h.claim][h.seat];
        address defender = h.seat == 0 ? c.solver : seatOf[h.seat].owner;
        if (h.seat == 0) c.games--;
        else duty.games--;
        if (outcome == Outcome.Open || outcome == Outcome.Challenger) _unlock(h.challenger, h.bond);
        else _slash(h.bond, moot || upheld ? address(0) : defender, v);
        emit ChallengeResolved(number, upheld);
        if (!upheld || moot) return;
        if (h.seat != 0) {
            // The first to show a lie is paid for it; the seat has no more than one stake.
            if (duty.lost) return;
            duty.lost = true;
            _slash(seatOf[h.seat].stake, winner, v);
            return;
        }
        c.status = ClaimStatus.Slashed;
        _slash(c.stake, winner, v);
        emit ClaimEnded(h.claim, ClaimStatus.Slashed, 0);
        _reopen(c.task);
    }

    /// Checks what was committed to, and uses it up.
    function _reveal(uint256 id, Claim storage c, uint256 seat, bytes32 root, bytes32 salt) private returns (uint128) {
        if (block.timestamp > c.windowsEnd) revert TooLate(block.timestamp, c.windowsEnd);
        Commitment memory made = commitmentOf[id][msg.sender];
        bytes32 found = keccak256(abi.encode(id, seat, root, msg.sender, salt));
        if (found != made.hash) revert OtherCommitment(found, made.hash);
        if (block.number <= made.madeIn) revert TooEarly(block.number, uint256(made.madeIn) + 1);
        delete commitmentOf[id][msg.sender];
        return made.bond;
    }

    function _opening(Claim storage c) private view returns (Opening memory o) {
        Task storage t = _taskOf[c.task];
        (o.job, o.graph, o.entries, o.interval, o.step) = (t.job, t.graph, t.entries, t.interval, t.firstStep + c.from);
        o.players[1] = msg.sender;
        o.clock = _values(c.task).clock;
    }

    /// State root before the sampled interval, opened in the claim's own tree.
    function _stateBefore(Claim storage c, uint256 interval, bytes32[] calldata before) private view returns (bytes32) {
        if (c.sample == 0) {
            if (before.length != 0) revert OtherPath(before.length, 0);
            return c.before;
        }
        uint256 depth = Merkle.depthOf(_records(c.delivered, interval));
        if (before.length != depth + 1) revert OtherPath(before.length, depth + 1);
        bytes32 found = Paths.rootOf(Merkle.leaf(before[0]), c.sample - 1, before[1:]);
        if (found != c.root) revert OtherRoot(found, c.root);
        return before[0];
    }
}
