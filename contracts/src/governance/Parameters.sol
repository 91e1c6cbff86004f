// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What holds for a task from its submission to its end. Shares are in parts per million, times in seconds.
struct Values {
    /// Least stake of a claim, and its share of the claim's reward.
    uint128 minStake;
    /// Stake of a verifier's seat.
    uint128 seatStake;
    /// What whoever demands a piece of a state pays for the answer, out of a bond like a challenger's, and no more than that.
    uint128 demandFee;
    uint32 stakeShare;
    /// Of the stake: what a challenger puts up.
    uint32 bondShare;
    /// Of the reward: what the committee earns on top of it.
    uint32 feeShare;
    /// Of what is slashed: to the winner, and burned. The rest goes to the jackpot.
    uint32 winnerShare;
    uint32 burnShare;
    /// Of the jackpot: what a winner gets besides.
    uint32 bonusShare;
    /// Of the stake of a solver that fell silent, and of the seat of a verifier that did.
    uint32 idleShare;
    /// Seats drawn for a claim.
    uint32 committee;
    /// Phases after a proof: to commit attestations, to reveal them, then to challenge.
    uint32 commitTime;
    uint32 revealTime;
    uint32 challengeTime;
    /// What each side of a game has for all its moves.
    uint32 clock;
    /// Blocks between a proof and the one whose randomness picks the sample.
    uint32 seedDelay;
}

/// @title The numbers that votes can change, between fixed bounds. Each change is a new version; tasks keep theirs.
contract Parameters {
    error NotGovernance(address caller);
    error OutOfBounds(string what, uint256 value, uint256 lo, uint256 hi);
    error NoSuchVersion(uint256 version);

    event Changed(uint256 indexed version, Values values);

    uint256 private constant MILLION = 1_000_000;
    uint256 private constant DAY = 1 days;
    uint256 private constant MAX_AMOUNT = 1e30;

    /// The only account that may add a version: a timelock behind a vote.
    address public immutable governance;
    uint32 public version;
    mapping(uint256 => Values) private _versions;

    constructor(address governance_, Values memory values) {
        governance = governance_;
        _add(values);
    }

    function change(Values calldata values) external {
        if (msg.sender != governance) revert NotGovernance(msg.sender);
        _add(values);
    }

    function valuesOf(uint256 version_) external view returns (Values memory) {
        if (version_ == 0 || version_ > version) revert NoSuchVersion(version_);
        return _versions[version_];
    }

    function _add(Values memory v) private {
        _check("minStake", v.minStake, 1, MAX_AMOUNT);
        _check("seatStake", v.seatStake, 1, MAX_AMOUNT);
        // No more than anybody who withholds has at stake.
        _check("demandFee", v.demandFee, 1, v.minStake);
        _check("stakeShare", v.stakeShare, MILLION / 10, 100 * MILLION);
        _check("bondShare", v.bondShare, MILLION / 100, MILLION);
        _check("feeShare", v.feeShare, 0, MILLION / 2);
        // With the bonus, which is at most a third, a winner gets no more than two thirds: to lose to oneself costs a third.
        _check("winnerShare", v.winnerShare, MILLION / 10, MILLION / 3);
        _check("burnShare", v.burnShare, MILLION / 3 + 1, MILLION - v.winnerShare);
        _check("bonusShare", v.bonusShare, 0, MILLION / 2);
        _check("idleShare", v.idleShare, 0, MILLION / 2);
        _check("committee", v.committee, 0, 8);
        _check("commitTime", v.commitTime, 10, 7 * DAY);
        _check("revealTime", v.revealTime, 10, 7 * DAY);
        _check("challengeTime", v.challengeTime, 10, 14 * DAY);
        _check("clock", v.clock, 10, 14 * DAY);
        _check("seedDelay", v.seedDelay, 1, 64);
        version++;
        _versions[version] = v;
        emit Changed(version, v);
    }

    function _check(string memory what, uint256 value, uint256 lo, uint256 hi) private pure {
        if (value < lo || value > hi) revert OutOfBounds(what, value, lo, hi);
    }
}
