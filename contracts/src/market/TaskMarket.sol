// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Merkle} from "../Merkle.sol";
import {Parameters, Values} from "../governance/Parameters.sol";
import {IPinpoint, Level, Opening, Outcome, Place} from "../pinpoint/IPinpoint.sol";
import {Paths} from "../pinpoint/Paths.sol";
import {Attestations} from "./Attestations.sol";
import {Claims} from "./Claims.sol";
import {Challenge, ChallengeStatus, Claim, ClaimStatus, Duty, Task} from "./IMarket.sol";
import {Ledger} from "./Ledger.sol";
import {Selections} from "./Selections.sol";

/// @title The market, with its last part: challenges, which begin pinpoint games and read how they ended.
contract TaskMarket is Attestations {
    struct Commitment {
        bytes32 hash;
        uint64 madeIn;
        uint128 bond;
    }

    /// In place of a seat: a piece of a state is wanted.
    uint64 public constant DEMAND = type(uint64).max;

    IPinpoint public immutable pinpoint;
    uint256 public challenges;
    mapping(uint256 => Challenge) public challengeOf;
    mapping(uint256 => mapping(address => Commitment)) public commitmentOf;

    constructor(IERC20 token_, Parameters parameters_, IPinpoint pinpoint_, Selections selections_)
        Ledger(token_)
        Claims(parameters_, selections_)
    {
        pinpoint = pinpoint_;
    }

    function commitChallenge(uint256 id, bytes32 commitment) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        if (block.timestamp > c.challengeEnd) revert TooLate(block.timestamp, c.challengeEnd);
        if (commitmentOf[id][msg.sender].hash != 0) revert AlreadyCommitted(msg.sender);
        uint128 bond = uint128(_share(c.stake, _values(c.task).bondShare));
        commitmentOf[id][msg.sender] = Commitment(commitment, uint64(block.number), bond);
        _lock(msg.sender, bond);
        c.pending++;
        emit ChallengeCommitted(id, msg.sender, commitment);
    }

    function challenge(uint256 id, uint256 seat, bytes32 root, bytes32 salt, bytes32[] calldata before, bytes32[] calldata first)
        external
        returns (uint256 number)
    {
        Claim storage c = _claimOf[id];
        // Whoever had committed before the claim fell is not late.
        if (c.status != ClaimStatus.Slashed) _inStatus(id, ClaimStatus.Proven);
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

    function demand(uint256 id, bytes32 root, uint64 record, uint64 entry, uint64 piece) external returns (uint256 number) {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        if (block.timestamp > c.challengeEnd) revert TooLate(block.timestamp, c.challengeEnd);
        if (root != c.root) revert OtherRoot(root, c.root);
        uint64 records = _records(c.delivered, _taskOf[c.task].interval);
        if (record == 0 || record > records) revert NoProgress(record, 1, records);
        Values memory v = _values(c.task);
        uint128 bond = uint128(_share(c.stake, v.bondShare));
        _lock(msg.sender, bond);
        c.games++;
        uint256 game = pinpoint.openDemand(Place(root, records, record, entry, piece), [c.solver, msg.sender], v.clock);
        number = ++challenges;
        challengeOf[number] = Challenge(msg.sender, uint64(id), ChallengeStatus.Playing, bond, DEMAND, uint64(game));
        emit Demanded(id, number, msg.sender, record, entry, piece, game);
    }

    function takeBack(uint256 id) external {
        Claim storage c = _claimOf[id];
        Commitment memory made = commitmentOf[id][msg.sender];
        if (made.hash == 0) revert NothingToTakeBack(msg.sender);
        if (!_ended(c)) revert WrongClaimStatus(id, c.status);
        delete commitmentOf[id][msg.sender];
        c.pending--;
        _unlock(msg.sender, made.bond);
    }

    function resolve(uint256 number) external {
        Challenge storage h = challengeOf[number];
        if (h.status != ChallengeStatus.Playing) revert WrongChallengeStatus(number, h.status);
        Outcome outcome = pinpoint.outcomeOf(h.game);
        if (outcome == Outcome.Open) revert GamesRunning(1);
        h.status = ChallengeStatus.Resolved;
        emit ChallengeResolved(number, outcome != Outcome.Defender);
        if (h.seat == 0 || h.seat == DEMAND) _resolveClaim(number, h, outcome);
        else _resolveSeat(h, outcome);
    }

    function collect(uint256 number) external {
        Challenge storage h = challengeOf[number];
        Claim storage c = _inStatus(h.claim, ClaimStatus.Slashed);
        if (c.games > 0) revert GamesRunning(c.games);
        if (!_decided(c)) revert TooEarly(block.timestamp, uint256(c.windowsEnd) + 1);
        if (h.status != ChallengeStatus.Won && (c.winners > 0 || c.prize == 0)) revert WrongChallengeStatus(number, h.status);
        _payPrize(number, h, c);
    }

    function _resolveClaim(uint256 number, Challenge storage h, Outcome outcome) private {
        Claim storage c = _claimOf[h.claim];
        Values memory v = _values(c.task);
        bool fallen = c.status == ClaimStatus.Slashed;
        c.games--;
        if (h.seat == DEMAND && outcome == Outcome.Defender) {
            // Who answers is paid for it, whatever becomes of the claim.
            uint128 fee = v.demandFee < h.bond ? v.demandFee : h.bond;
            _unlock(c.solver, fee);
            _unlock(h.challenger, h.bond - fee);
        } else {
            _endBond(h, outcome, fallen ? address(0) : c.solver, v);
        }
        if (!fallen) {
            if (outcome == Outcome.Defender) return;
            c.status = ClaimStatus.Slashed;
            (uint256 burned, uint256 prize, uint256 fee) = _divide(c.stake, _share(c.reward, v.feeShare), c.members, v);
            (c.prize, c.fee) = (uint128(prize), uint96(fee));
            emit Slashed(c.stake, address(0), prize, burned);
            emit ClaimEnded(h.claim, ClaimStatus.Slashed, 0);
            _reopen(c.task);
        }
        if (outcome == Outcome.Challenger) {
            h.status = ChallengeStatus.Won;
            c.winners++;
        }
        if (_decided(c) && (h.status == ChallengeStatus.Won || c.winners == 0)) _payPrize(number, h, c);
    }

    /// The first to show that an attestation is a lie is paid for it; the seat has no more than one stake.
    function _resolveSeat(Challenge storage h, Outcome outcome) private {
        Values memory v = _values(_claimOf[h.claim].task);
        Duty storage duty = dutyOf[h.claim][h.seat];
        bool fallen = duty.lost;
        duty.games--;
        _endBond(h, outcome, fallen ? address(0) : seatOf[h.seat].owner, v);
        if (fallen || outcome == Outcome.Defender) return;
        duty.lost = true;
        _slash(seatOf[h.seat].stake, outcome == Outcome.Challenger ? h.challenger : address(0), v);
    }

    /// @param defender Who gets a part of a bond that is lost to it; the zero address once it has lost itself.
    function _endBond(Challenge storage h, Outcome outcome, address defender, Values memory v) private {
        if (outcome == Outcome.Challenger) _unlock(h.challenger, h.bond);
        else _slash(h.bond, outcome == Outcome.Defender ? defender : address(0), v);
    }

    /// Whether no game against a claim that has fallen runs or can begin: who shares the prize is known then.
    function _decided(Claim storage c) private view returns (bool) {
        return c.games == 0 && (c.pending == 0 || block.timestamp > c.windowsEnd);
    }

    /// An equal share of what is left to those who are left; with nobody to pay, all to the jackpot.
    function _payPrize(uint256 number, Challenge storage h, Claim storage c) private {
        uint128 paid = c.prize;
        if (h.status != ChallengeStatus.Won) {
            c.prize = 0;
            return _forfeit(paid);
        }
        h.status = ChallengeStatus.Resolved;
        paid /= c.winners--;
        c.prize -= paid;
        _unlock(h.challenger, paid);
        emit PrizePaid(number, h.challenger, paid);
    }

    /// Checks what was committed to, and uses it up.
    function _reveal(uint256 id, Claim storage c, uint256 seat, bytes32 root, bytes32 salt) private returns (uint128) {
        if (block.timestamp > c.windowsEnd) revert TooLate(block.timestamp, c.windowsEnd);
        Commitment memory made = commitmentOf[id][msg.sender];
        bytes32 disputed = seat == 0 ? c.root : dutyOf[id][seat].trace;
        bytes32 found = keccak256(abi.encode(id, seat, root, disputed, msg.sender, salt));
        if (found != made.hash) revert OtherCommitment(found, made.hash);
        if (block.number <= made.madeIn) revert TooEarly(block.number, uint256(made.madeIn) + 1);
        delete commitmentOf[id][msg.sender];
        c.pending--;
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
