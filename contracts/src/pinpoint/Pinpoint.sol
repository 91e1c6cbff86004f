// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Encoding} from "../generated/Encoding.sol";
import {Artefacts} from "./Artefacts.sol";
import {Descents} from "./Descents.sol";
import {Answer, Descent, IPinpoint, Level, Move, Opening, Outcome, Place} from "./IPinpoint.sol";
import {IReferee, Job, Question} from "./IReferee.sol";
import {Standing} from "./Standing.sol";

/// @title Turns, clocks and verdicts of pinpoint games; the descent itself is in `Descents`.
contract Pinpoint is IPinpoint, EIP712 {
    /// A move changes the first two words.
    struct Game {
        bytes32 descent;
        address defender;
        uint24 defenderClock;
        uint24 challengerClock;
        uint40 movedAt;
        /// Whose it is or was, and ENDED.
        uint8 turn;
        address challenger;
        Outcome outcome;
    }

    uint256 public constant DEFENDER = 0;
    uint256 public constant CHALLENGER = 1;
    uint8 private constant ENDED = 2;
    bytes32 private constant MOVE_TYPE = keccak256("Move(uint256 game,bytes32 descent,bytes32 content)");

    IReferee public immutable referee;
    uint256 public games;
    mapping(uint256 => Game) private _games;

    constructor(IReferee referee_) EIP712("gensyn pinpoint", "1") {
        referee = referee_;
    }

    function open(Opening calldata opening, bytes32[] calldata first) external returns (uint256 game) {
        Descent memory descent = Descents.start(opening, first);
        Game storage g;
        (game, g) = _begin(opening.players, opening.clock);
        _handOver(game, g, CHALLENGER, descent, first);
    }

    function openDemand(Place calldata place, address[2] calldata players, uint32 clock) external returns (uint256 game) {
        Game storage g;
        (game, g) = _begin(players, clock);
        // The turn is the defender's, and stays so.
        (g.descent, g.movedAt) = (Artefacts.hashOf(place), uint40(block.timestamp));
    }

    function answer(uint256 game, Place calldata place, Answer calldata a) external {
        Game storage g = _running(game);
        bytes32 found = Artefacts.hashOf(place);
        if (found != g.descent) revert OtherDescent(found, g.descent);
        _inTime(g);
        Artefacts.check(place, a);
        emit Answered(game, a.state, a.count, a.name, a.dtype, a.dims, a.chunks);
        _end(game, g, Outcome.Defender);
    }

    function move(uint256 game, Move calldata move_) external {
        Game storage g = _running(game);
        address player = _player(g);
        if (msg.sender != player) revert NotYourTurn(msg.sender, player);
        _move(game, g, move_);
    }

    function moveFor(uint256 game, Move calldata move_, bytes calldata signature) external {
        Game storage g = _running(game);
        address player = _player(g);
        if (!SignatureChecker.isValidSignatureNow(player, digestOf(game, move_), signature)) revert BadSignature(player);
        _move(game, g, move_);
    }

    function judge(uint256 game, bytes32[] calldata words, uint256 side, Job calldata job, bytes calldata proof) external {
        Game storage g = _running(game);
        Descent memory descent = _standing(g, words);
        if (descent.level != Level.Value) revert NotAtValue(descent.level);
        bytes32 found = sha256(abi.encode(Encoding.JOB_TAG, job));
        if (found != descent.job) revert OtherJob(found, descent.job);
        Question memory question = Question({
            job: descent.job,
            step: descent.step,
            entries: descent.entries,
            entry: descent.operator,
            index: descent.element,
            term: descent.term,
            before: descent.before,
            trace: descent.traces[side],
            partials: descent.partials[side]
        });
        // Not caught: a referee that reverts or is out of gas has said nothing.
        _end(game, g, Descents.whoHas(descent.nodes, referee.rightValue(job, question, proof)));
    }

    function flag(uint256 game) external {
        Game storage g = _running(game);
        (uint256 used, uint256 left) = _clock(g);
        if (used <= left) revert ClockRuns(used, left);
        _end(game, g, g.turn == DEFENDER ? Outcome.Challenger : Outcome.Defender);
    }

    function outcomeOf(uint256 game) external view returns (Outcome) {
        return _games[game].outcome;
    }

    /// Whose turn it is, when that began, and the seconds both have left.
    function turnOf(uint256 game) external view returns (uint256 turn, address player, uint256 since, uint32[2] memory clocks) {
        Game storage g = _games[game];
        return (g.turn % ENDED, _player(g), g.movedAt, [uint32(g.defenderClock), g.challengerClock]);
    }

    function descentOf(uint256 game) external view returns (bytes32) {
        return _games[game].descent;
    }

    function digestOf(uint256 game, Move calldata move_) public view returns (bytes32) {
        bytes32 content = keccak256(abi.encode(move_.branch, move_.answer, move_.agreed, move_.open, move_.proof));
        return _hashTypedDataV4(keccak256(abi.encode(MOVE_TYPE, game, Standing.hashOf(move_.descent), content)));
    }

    function _move(uint256 game, Game storage g, Move calldata move_) private {
        Descent memory descent = _standing(g, move_.descent);
        uint256 side = g.turn;
        uint24 left = _inTime(g);
        if (side == DEFENDER) g.defenderClock = left;
        else g.challengerClock = left;
        Outcome outcome = Descents.next(referee, side, descent, move_);
        if (outcome == Outcome.Open) _handOver(game, g, side, descent, move_.open);
        else _end(game, g, outcome);
    }

    function _handOver(uint256 game, Game storage g, uint256 side, Descent memory descent, bytes32[] calldata opened) private {
        bytes32[] memory words = Standing.pack(descent);
        g.descent = Standing.hashOf(words);
        (g.movedAt, g.turn) = (uint40(block.timestamp), uint8(1 - side));
        emit Moved(game, side, words, opened);
    }

    function _begin(address[2] calldata players, uint32 seconds_) private returns (uint256 game, Game storage g) {
        game = ++games;
        g = _games[game];
        uint24 clock = SafeCast.toUint24(seconds_);
        (g.defender, g.defenderClock, g.challengerClock) = (players[DEFENDER], clock, clock);
        g.challenger = players[CHALLENGER];
        emit Opened(game, players[DEFENDER], players[CHALLENGER]);
    }

    /// What the player has left after this turn.
    function _inTime(Game storage g) private view returns (uint24) {
        (uint256 used, uint256 left) = _clock(g);
        if (used > left) revert ClockEmpty(used, left);
        return uint24(left - used);
    }

    function _end(uint256 game, Game storage g, Outcome outcome) private {
        (g.turn, g.outcome) = (g.turn | ENDED, outcome);
        emit Resolved(game, outcome);
    }

    function _clock(Game storage g) private view returns (uint256 used, uint256 left) {
        return (block.timestamp - g.movedAt, g.turn == DEFENDER ? g.defenderClock : g.challengerClock);
    }

    function _running(uint256 game) private view returns (Game storage g) {
        g = _games[game];
        if (g.movedAt == 0) revert NoSuchGame(game);
        if (g.turn >= ENDED) revert Ended(game, g.outcome);
    }

    function _player(Game storage g) private view returns (address) {
        return g.turn % ENDED == DEFENDER ? g.defender : g.challenger;
    }

    function _standing(Game storage g, bytes32[] calldata words) private view returns (Descent memory) {
        bytes32 found = Standing.hashOf(words);
        if (found != g.descent) revert OtherDescent(found, g.descent);
        return Standing.unpack(words);
    }
}
