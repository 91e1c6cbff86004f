// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Council} from "../../src/governance/Council.sol";
import {Parameters, Values} from "../../src/governance/Parameters.sol";
import {Timelock} from "../../src/governance/Timelock.sol";
import {GensynToken} from "../../src/token/GensynToken.sol";
import {Bazaar} from "./Bazaar.sol";

/// @notice Votes change numbers between their bounds, and nothing else.
contract GovernanceTest is Bazaar {
    uint48 private constant DELAY = 10;
    uint32 private constant PERIOD = 100;
    uint256 private constant WAIT = 50;

    GensynToken private _votes;
    Timelock private _timelock;
    Council private _council;
    Parameters private _governed;

    function setUp() external {
        vm.warp(1_000_000);
        _votes = new GensynToken(address(this), 1000 ether);
        _votes.delegate(address(this));
        _timelock = new Timelock(WAIT, address(this));
        _council = new Council(IVotes(address(_votes)), _timelock, DELAY, PERIOD, 1 ether);
        _timelock.appoint(address(_council));
        _governed = new Parameters(address(_timelock), values());
        vm.warp(block.timestamp + 1);
    }

    function test_aVoteChangesParametersAfterTheTimelock() external {
        Values memory v = values();
        v.feeShare = 200_000;
        (address[] memory targets, uint256[] memory none, bytes[] memory calls) = _decide(v);
        _council.queue(targets, none, calls, keccak256("why"));
        vm.expectRevert();
        _council.execute(targets, none, calls, keccak256("why"));
        vm.warp(block.timestamp + WAIT + 1);
        _council.execute(targets, none, calls, keccak256("why"));
        assertEq(_governed.version(), 2);
        assertEq(_governed.valuesOf(2).feeShare, 200_000);
        assertEq(_governed.valuesOf(1).feeShare, 100_000);
    }

    function test_nobodyElseChangesParameters() external {
        vm.expectRevert(abi.encodeWithSelector(Parameters.NotGovernance.selector, address(this)));
        _governed.change(values());
    }

    function test_theFounderHasNoRightsLeft() external {
        vm.expectRevert();
        _timelock.appoint(address(this));
    }

    function test_boundsHoldForVotesToo() external {
        Values memory v = values();
        v.burnShare = 333_333;
        (address[] memory targets, uint256[] memory none, bytes[] memory calls) = _decide(v);
        _council.queue(targets, none, calls, keccak256("why"));
        vm.warp(block.timestamp + WAIT + 1);
        vm.expectRevert(abi.encodeWithSelector(Parameters.OutOfBounds.selector, "burnShare", 333_333, 333_334, 700_000));
        _council.execute(targets, none, calls, keccak256("why"));
    }

    function _decide(Values memory v) private returns (address[] memory targets, uint256[] memory none, bytes[] memory calls) {
        (targets, none, calls) = (new address[](1), new uint256[](1), new bytes[](1));
        (targets[0], calls[0]) = (address(_governed), abi.encodeCall(Parameters.change, (v)));
        uint256 id = _council.propose(targets, none, calls, "why");
        vm.warp(block.timestamp + DELAY + 1);
        _council.castVote(id, 1);
        vm.warp(block.timestamp + PERIOD + 1);
    }
}
