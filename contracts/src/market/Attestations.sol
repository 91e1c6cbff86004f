// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Values} from "../governance/Parameters.sol";
import {Claim, ClaimStatus, Duty} from "./IMarket.sol";
import {Claims} from "./Claims.sol";

/// @title The committee of a claim: drawn after the proof, committed before anybody reveals, paid for what only a replay yields.
abstract contract Attestations is Claims {
    /// In place of an operator list: the artefacts could not be had.
    bytes32 public constant UNAVAILABLE = bytes32(uint256(1));

    mapping(uint256 => mapping(uint256 => Duty)) public dutyOf;

    function draw(uint256 id) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        Values memory v = _values(c.task);
        if (c.seed != 0) revert AlreadyDrawn(id);
        uint256 from = uint256(c.provenBlock) + v.seedDelay;
        if (block.number < from) revert TooEarly(block.number, from);
        if (block.timestamp > c.commitEnd) revert TooLate(block.timestamp, c.commitEnd);
        bytes32 seed = keccak256(abi.encode(block.prevrandao, id, c.root));
        c.seed = seed;
        c.sample = uint40(uint256(seed) % _records(c.delivered, _taskOf[c.task].interval));
        uint256[] memory drawn = new uint256[](v.committee);
        uint256 members;
        for (uint256 i = 0; i < v.committee; i++) {
            uint256 seat = _draw(uint256(keccak256(abi.encode(seed, i))));
            if (seat == 0) break;
            // Nobody attests to their own work, nor for less than these parameters ask.
            if (seatOf[seat].owner == c.solver || seatOf[seat].stake < v.seatStake) {
                _rest(seat);
                continue;
            }
            dutyOf[id][seat].assigned = true;
            drawn[members++] = seat;
        }
        c.members = uint8(members);
        emit Drawn(id, seed, c.sample, _first(drawn, members));
    }

    function commitAttestation(uint256 id, uint256 seat, bytes32 seed, bytes32 commitment) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        Duty storage duty = _dutyOfCaller(id, seat);
        if (block.timestamp > c.commitEnd) revert TooLate(block.timestamp, c.commitEnd);
        if (seed != c.seed) revert OtherSeed(seed, c.seed);
        if (duty.commitment != 0) revert AlreadyCommitted(msg.sender);
        duty.commitment = commitment;
        emit AttestationCommitted(id, seat, commitment);
    }

    function revealAttestation(uint256 id, uint256 seat, bytes32 trace, bytes32 salt) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        Duty storage duty = _dutyOfCaller(id, seat);
        if (block.timestamp <= c.commitEnd) revert TooEarly(block.timestamp, uint256(c.commitEnd) + 1);
        if (block.timestamp > c.revealEnd) revert TooLate(block.timestamp, c.revealEnd);
        if (duty.revealed) revert AlreadyRevealed(seat);
        bytes32 found = keccak256(abi.encode(id, seat, trace, msg.sender, salt));
        if (found != duty.commitment) revert OtherCommitment(found, duty.commitment);
        (duty.revealed, duty.trace) = (true, trace);
        if (trace == UNAVAILABLE) c.unavailable++;
        emit Attested(id, seat, trace);
    }

    function release(uint256 id, uint256 seat) external {
        Claim storage c = _claimOf[id];
        if (!_ended(c)) revert WrongClaimStatus(id, c.status);
        Duty storage duty = dutyOf[id][seat];
        if (!duty.assigned) revert NotAssigned(seat);
        if (duty.games > 0) revert GamesRunning(duty.games);
        duty.assigned = false;
        bool earned = duty.revealed && !duty.lost && duty.trace != UNAVAILABLE;
        address owner = seatOf[seat].owner;
        if (c.fee > 0) {
            if (earned) _unlock(owner, c.fee);
            else _forfeit(c.fee);
        }
        if (duty.lost) return _removeSeat(seat);
        // Whoever had no time to answer, because the claim fell before, is not to blame.
        if (duty.revealed || c.status == ClaimStatus.Slashed) return _rest(seat);
        Values memory v = _values(c.task);
        uint128 stake = seatOf[seat].stake;
        uint256 lost = _share(stake, v.idleShare);
        if (lost > 0) _slash(lost, address(0), v);
        _unlock(owner, stake - lost);
        _removeSeat(seat);
    }

    function _dutyOfCaller(uint256 id, uint256 seat) private view returns (Duty storage duty) {
        duty = dutyOf[id][seat];
        if (!duty.assigned) revert NotAssigned(seat);
        if (seatOf[seat].owner != msg.sender) revert NotYourSeat(seat, seatOf[seat].owner);
    }

    function _first(uint256[] memory list, uint256 length) private pure returns (uint256[] memory shorter) {
        shorter = new uint256[](length);
        for (uint256 i = 0; i < length; i++) shorter[i] = list[i];
    }
}
