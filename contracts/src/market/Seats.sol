// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Ledger} from "./Ledger.sol";

/// @title Verifiers' seats: equal stakes, of which each drawing takes some at random, so whoever holds more of them is drawn more.
/// @notice A seat has one duty at a time. While it has, it is not among those to draw from, and cannot be given up.
abstract contract Seats is Ledger {
    error NoSuchSeat(uint256 seat);
    error NotYourSeat(uint256 seat, address owner);
    error SeatBusy(uint256 seat);

    event SeatTaken(uint256 indexed seat, address indexed owner, uint256 stake);
    event SeatLeft(uint256 indexed seat);

    struct Seat {
        address owner;
        /// Place among the idle ones, counted from 1; 0 while it has a duty.
        uint64 place;
        uint128 stake;
    }

    uint256 public seats;
    mapping(uint256 => Seat) public seatOf;
    uint256[] private _idle;

    function idleSeats() external view returns (uint256) {
        return _idle.length;
    }

    function takeSeat() external returns (uint256 seat) {
        uint128 stake = _seatStake();
        _lock(msg.sender, stake);
        seat = ++seats;
        seatOf[seat] = Seat(msg.sender, 0, stake);
        _rest(seat);
        emit SeatTaken(seat, msg.sender, stake);
    }

    function leaveSeat(uint256 seat) external {
        Seat memory s = seatOf[seat];
        if (s.owner == address(0)) revert NoSuchSeat(seat);
        if (s.owner != msg.sender) revert NotYourSeat(seat, s.owner);
        if (s.place == 0) revert SeatBusy(seat);
        _busy(seat);
        _removeSeat(seat);
        _unlock(msg.sender, s.stake);
    }

    function _seatStake() internal view virtual returns (uint128);

    /// Takes a seat out of the idle ones; 0 where there is none.
    function _draw(uint256 random) internal returns (uint256 seat) {
        if (_idle.length == 0) return 0;
        seat = _idle[random % _idle.length];
        _busy(seat);
    }

    function _rest(uint256 seat) internal {
        _idle.push(seat);
        seatOf[seat].place = uint64(_idle.length);
    }

    function _removeSeat(uint256 seat) internal {
        delete seatOf[seat];
        emit SeatLeft(seat);
    }

    function _busy(uint256 seat) private {
        uint256 place = seatOf[seat].place;
        uint256 last = _idle[_idle.length - 1];
        _idle[place - 1] = last;
        seatOf[last].place = uint64(place);
        _idle.pop();
        seatOf[seat].place = 0;
    }
}
