// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Parameters, Values} from "../../src/governance/Parameters.sol";
import {Claim, ClaimStatus, Submission, Task, TaskStatus} from "../../src/market/IMarket.sol";
import {Selections} from "../../src/market/Selections.sol";
import {TaskMarket} from "../../src/market/TaskMarket.sol";
import {Descent, Level, Opening} from "../../src/pinpoint/IPinpoint.sol";
import {GensynToken} from "../../src/token/GensynToken.sol";
import {Merkle} from "../../src/Merkle.sol";
import {Machine, Machines} from "../pinpoint/Machine.sol";
import {Player} from "../pinpoint/Player.sol";
import {Game} from "../pinpoint/Game.sol";

/// @notice A market of people with money, who train machines that count.
abstract contract Bazaar is Game {
    uint256 internal constant PURSE = 1_000_000 ether;
    uint128 internal constant REWARD_MIN = 100 ether;
    uint128 internal constant REWARD_MAX = 300 ether;
    uint32 internal constant RISE = 1000;
    uint32 internal constant WORK_TIME = 500;
    bytes32 internal constant SALT = "salt";

    address internal submitter = address(0x5);
    address internal verifier = address(0x7e);
    GensynToken internal token = new GensynToken(address(this), 10 * PURSE);
    Parameters internal parameters = new Parameters(address(this), values());
    Selections internal selections = new Selections();
    TaskMarket internal market = new TaskMarket(IERC20(address(token)), parameters, pinpoint, selections);

    function values() internal pure returns (Values memory) {
        return Values({
            minStake: 10 ether,
            seatStake: 50 ether,
            demandFee: 2 ether,
            stakeShare: 1_000_000,
            bondShare: 500_000,
            feeShare: 100_000,
            winnerShare: 300_000,
            burnShare: 400_000,
            bonusShare: 100_000,
            idleShare: 100_000,
            committee: 2,
            commitTime: 100,
            revealTime: 100,
            challengeTime: 200,
            clock: CLOCK,
            seedDelay: 2
        });
    }

    function fund(address account) internal {
        token.transfer(account, PURSE);
        vm.startPrank(account);
        token.approve(address(market), PURSE);
        market.deposit(PURSE);
        vm.stopPrank();
    }

    function submission() internal view returns (Submission memory) {
        return Submission(job(), 4, GRAPH_TREE, 0, STEPS, REWARD_MIN, REWARD_MAX, RISE, WORK_TIME, uint40(block.timestamp + 10_000), "cid");
    }

    function submit() internal returns (uint256) {
        return submit(submission());
    }

    function submit(Submission memory s) internal returns (uint256) {
        vm.prank(submitter);
        return market.submit(s);
    }

    function claim(uint256 task) internal returns (uint256) {
        uint64 done = taskOf(task).done;
        vm.prank(defender);
        return market.claim(task, done, 0);
    }

    function deliver(uint256 id, Machine memory m, uint64 steps) internal {
        Claim memory c = claimOf(id);
        Task memory t = taskOf(c.task);
        bytes32[] memory run = Machines.run(m, t.firstStep + c.from, steps, INTERVAL);
        bytes32[] memory path = Machines.path(run, run.length - 1, Merkle.depthOf(run.length));
        bytes32 root = Machines.root(run);
        vm.prank(defender);
        market.checkpoint(id, uint64(run.length), root, run[run.length - 1], path, "cid");
    }

    function prove(uint256 id, Machine memory m, uint64 steps) internal {
        deliver(id, m, steps);
        bytes32 root = claimOf(id).root;
        vm.prank(defender);
        market.prove(id, root);
    }

    /// A claim of a whole task, proven by what `m` computes.
    function proven(Machine memory m) internal returns (uint256 task, uint256 id) {
        task = submit();
        id = claim(task);
        prove(id, m, STEPS);
    }

    function commitAndChallenge(uint256 id, address who, Machine memory theirs) internal returns (uint256) {
        bytes32 root = commit(id, who, theirs);
        vm.roll(block.number + 1);
        return challenge(id, who, theirs, root);
    }

    function commit(uint256 id, address who, Machine memory theirs) internal returns (bytes32 root) {
        Claim memory c = claimOf(id);
        root = Machines.root(Machines.run(theirs, taskOf(c.task).firstStep + c.from, c.delivered, INTERVAL));
        bytes32 commitment = keccak256(abi.encode(id, 0, root, c.root, who, SALT));
        vm.prank(who);
        market.commitChallenge(id, commitment);
    }

    function challenge(uint256 id, address who, Machine memory theirs, bytes32 root) internal returns (uint256 number) {
        Claim memory c = claimOf(id);
        Task memory t = taskOf(c.task);
        Opening memory o = Opening(
            t.job, t.graph, t.entries, t.interval, t.firstStep + c.from, c.delivered, c.before, Level.Run, [c.root, root], [c.solver, who], CLOCK
        );
        bytes32[] memory first = Player.open(mirror.begin(o), theirs);
        vm.prank(who);
        number = market.challenge(id, 0, root, SALT, new bytes32[](0), first);
        (,,,,, game) = market.challengeOf(number);
    }

    function afterWindows(uint256 id) internal {
        vm.warp(uint256(claimOf(id).windowsEnd) + 1);
    }

    function taskOf(uint256 task) internal view returns (Task memory t) {
        (bool ok, bytes memory data) = address(market).staticcall(abi.encodeCall(market.taskOf, (task)));
        assertTrue(ok, "taskOf");
        return abi.decode(data, (Task));
    }

    function claimOf(uint256 id) internal view returns (Claim memory c) {
        (bool ok, bytes memory data) = address(market).staticcall(abi.encodeCall(market.claimOf, (id)));
        assertTrue(ok, "claimOf");
        return abi.decode(data, (Claim));
    }

    /// paid in = paid out + burned + free + locked + jackpot, and all but what went out or is destroyed is here.
    function assertBalanced(address[] memory accounts) internal view {
        uint256 free;
        for (uint256 i = 0; i < accounts.length; i++) free += market.free(accounts[i]);
        uint256 held = free + market.totalLocked() + market.jackpot();
        assertEq(market.totalIn(), market.totalOut() + market.totalBurned() + held);
        assertEq(token.balanceOf(address(market)), held + market.totalBurned() - market.totalDestroyed());
    }

    function everybody() internal view virtual returns (address[] memory all) {
        all = new address[](4);
        (all[0], all[1], all[2], all[3]) = (submitter, defender, challenger, verifier);
    }
}
