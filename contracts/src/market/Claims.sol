// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../Merkle.sol";
import {Encoding} from "../generated/Encoding.sol";
import {Parameters, Values} from "../governance/Parameters.sol";
import {Paths} from "../pinpoint/Paths.sol";
import {Claim, ClaimStatus, IMarket, Submission, Task, TaskStatus} from "./IMarket.sol";
import {Seats} from "./Seats.sol";
import {ITasks, Selections} from "./Selections.sol";

/// @title Tasks and claims: from submission to delivery, and settlement.
abstract contract Claims is IMarket, Seats {
    uint256 internal constant MILLION = 1_000_000;

    Parameters public immutable parameters;
    Selections public immutable selections;
    uint256 public tasks;
    uint256 public claims;
    mapping(uint256 => Task) internal _taskOf;
    mapping(uint256 => Claim) internal _claimOf;

    constructor(Parameters parameters_, Selections selections_) {
        (parameters, selections) = (parameters_, selections_);
    }

    function submit(Submission calldata s) external returns (uint256 task) {
        uint64 firstStep;
        if (s.parent != 0) {
            Task storage parent = _taskOf[s.parent];
            if (parent.status != TaskStatus.Done) revert WrongTaskStatus(s.parent, parent.status);
            if (parent.state != s.job.init) revert OtherStart(s.job.init, parent.state);
            firstStep = parent.firstStep + parent.steps;
        }
        return _submit(s, firstStep);
    }

    function submitFrom(Submission calldata s, uint64[] calldata parents, bytes calldata opened, bytes calldata wiring)
        external
        returns (uint256 task)
    {
        if (s.parent != 0) revert BadSubmission("parent");
        (bytes32 init, uint64 firstStep) = selections.begin(ITasks(address(this)), parents, opened, wiring);
        if (init != s.job.init) revert OtherStart(s.job.init, init);
        task = _submit(s, firstStep);
        emit StartedFrom(task, parents, wiring);
    }

    function _submit(Submission calldata s, uint64 firstStep) private returns (uint256 task) {
        if (s.job.steps == 0 || s.job.steps > type(uint32).max) revert BadSubmission("steps");
        if (s.job.interval == 0 || s.job.interval > s.job.steps) revert BadSubmission("interval");
        bool whole = s.segment == s.job.steps;
        if (s.segment == 0 || s.segment > s.job.steps || !(whole || s.segment % s.job.interval == 0)) revert BadSubmission("segment");
        if (s.entries < 2) revert BadSubmission("entries");
        if (s.rewardMin == 0 || s.rewardMin > s.rewardMax || s.rewardMax > type(uint96).max) revert BadSubmission("reward");
        if (s.workTime == 0 || s.deadline <= block.timestamp) revert BadSubmission("time");
        bytes32 graph = sha256(abi.encode(Encoding.LIST_TAG, uint256(s.entries), s.graphTree));
        if (graph != s.job.graph) revert OtherGraph(graph, s.job.graph);
        task = ++tasks;
        Task storage t = _taskOf[task];
        (t.submitter, t.status, t.version, t.deadline) = (msg.sender, TaskStatus.Open, parameters.version(), s.deadline);
        t.job = sha256(abi.encode(Encoding.JOB_TAG, s.job));
        (t.graph, t.state, t.entries) = (graph, s.job.init, s.entries);
        (t.interval, t.firstStep, t.steps, t.segment) = (uint64(s.job.interval), firstStep, uint64(s.job.steps), s.segment);
        (t.rewardMin, t.rewardMax, t.rise, t.workTime) = (s.rewardMin, s.rewardMax, s.rise, s.workTime);
        t.openedAt = uint40(block.timestamp);
        t.escrow = s.rewardMax + _share(s.rewardMax, _values(task).feeShare);
        _lock(msg.sender, t.escrow);
        emit Submitted(task, msg.sender, s.artefacts);
    }

    function profile(uint256 task, uint64 nanosecondsPerStep, uint64 bytesOfMemory) external {
        emit Profiled(task, msg.sender, nanosecondsPerStep, bytesOfMemory);
    }

    function close(uint256 task) external {
        Task storage t = _taskOf[task];
        if (t.status != TaskStatus.Open) revert WrongTaskStatus(task, t.status);
        if (msg.sender != t.submitter && block.timestamp < t.deadline) revert NotSubmitter(msg.sender, t.submitter);
        _endTask(task, t, TaskStatus.Closed);
    }

    /// Structs, for getters of this many values do not compile without the optimizer.
    function taskOf(uint256 task) external view returns (Task memory) {
        return _taskOf[task];
    }

    function claimOf(uint256 claim_) external view returns (Claim memory) {
        return _claimOf[claim_];
    }

    function rewardOf(uint256 task) public view returns (uint128 reward, uint128 stake) {
        Task storage t = _taskOf[task];
        uint256 waited = block.timestamp - t.openedAt;
        uint256 whole = t.rewardMax;
        if (waited < t.rise) whole = t.rewardMin + (t.rewardMax - t.rewardMin) * waited / t.rise;
        reward = uint128(whole * _segmentSteps(t) / t.steps);
        Values memory v = _values(task);
        uint256 share = _share(reward, v.stakeShare);
        stake = share < v.minStake ? v.minStake : uint128(share);
    }

    function claim(uint256 task, uint64 from, uint128 least) external returns (uint256 id) {
        Task storage t = _taskOf[task];
        if (t.status != TaskStatus.Open) revert WrongTaskStatus(task, t.status);
        if (block.timestamp >= t.deadline) revert TooLate(block.timestamp, t.deadline);
        if (from != t.done) revert OtherStep(from, t.done);
        (uint128 reward, uint128 stake) = rewardOf(task);
        if (reward < least) revert TooLittleReward(reward, least);
        id = ++claims;
        (t.status, t.claim) = (TaskStatus.Taken, uint56(id));
        Claim storage c = _claimOf[id];
        (c.task, c.solver, c.status, c.stake, c.reward) = (uint40(task), msg.sender, ClaimStatus.Working, stake, reward);
        (c.from, c.steps, c.before, c.state) = (from, _segmentSteps(t), t.state, t.state);
        c.deadline = uint40(block.timestamp + t.workTime);
        _lock(msg.sender, stake);
        emit Claimed(task, id, msg.sender, from, c.steps, reward, stake);
    }

    function checkpoint(uint256 id, uint64 records, bytes32 root, bytes32 state, bytes32[] calldata path, string calldata artefacts) external {
        Claim storage c = _working(id);
        uint256 interval = _taskOf[c.task].interval;
        uint256 most = _records(c.steps, interval);
        uint256 least = _records(c.delivered, interval) + 1;
        if (records < least || records > most) revert NoProgress(records, least, most);
        if (path.length != Merkle.depthOf(records)) revert OtherPath(path.length, Merkle.depthOf(records));
        bytes32 found = Paths.rootOf(Merkle.leaf(state), records - 1, path);
        if (found != root) revert OtherRoot(found, root);
        c.delivered = records == most ? c.steps : uint64(records * interval);
        (c.root, c.state) = (root, state);
        emit Delivered(id, records, root, state, artefacts);
    }

    function prove(uint256 id, bytes32 root) external {
        Claim storage c = _working(id);
        if (root == 0 || root != c.root) revert OtherRoot(root, c.root);
        _proven(id, c);
    }

    function stop(uint256 id) external {
        Claim storage c = _inStatus(id, ClaimStatus.Working);
        if (block.timestamp <= c.deadline) revert TooEarly(block.timestamp, uint256(c.deadline) + 1);
        if (c.delivered == 0) return _abandon(id, c);
        _proven(id, c);
    }

    function settle(uint256 id) external {
        Claim storage c = _inStatus(id, ClaimStatus.Proven);
        if (block.timestamp <= c.windowsEnd) revert TooEarly(block.timestamp, uint256(c.windowsEnd) + 1);
        if (c.games > 0) revert GamesRunning(c.games);
        // Else whoever delivers roots alone, and the pieces that are demanded, could hold a task up for nothing, again and again.
        if (uint256(c.unavailable) * 2 > c.members) return _abandon(id, c);
        Task storage t = _taskOf[c.task];
        c.status = ClaimStatus.Settled;
        uint128 paid = uint128(uint256(c.reward) * c.delivered / c.steps);
        if (c.members > 0) c.fee = uint96(_share(paid, _values(c.task).feeShare) / c.members);
        // Fees stay locked until each member takes its own.
        t.escrow -= paid + uint256(c.fee) * c.members;
        t.done += c.delivered;
        t.state = c.state;
        t.openedAt = uint40(block.timestamp);
        _unlock(c.solver, uint256(c.stake) + paid);
        emit ClaimEnded(id, ClaimStatus.Settled, paid);
        t.claim = 0;
        t.status = TaskStatus.Open;
        if (t.done == t.steps) _endTask(c.task, t, TaskStatus.Done);
    }

    function _working(uint256 id) private view returns (Claim storage c) {
        c = _inStatus(id, ClaimStatus.Working);
        if (msg.sender != c.solver) revert NotSolver(msg.sender, c.solver);
        if (block.timestamp > c.deadline) revert TooLate(block.timestamp, c.deadline);
    }

    function _proven(uint256 id, Claim storage c) private {
        Values memory v = _values(c.task);
        (c.status, c.provenBlock) = (ClaimStatus.Proven, uint64(block.number));
        c.commitEnd = uint40(block.timestamp + v.commitTime);
        c.revealEnd = c.commitEnd + v.revealTime;
        c.challengeEnd = c.revealEnd + v.challengeTime;
        c.windowsEnd = c.challengeEnd + v.revealTime;
        emit Proven(id);
    }

    /// Nothing is paid, and a part of the stake is lost: the task was kept from others.
    function _abandon(uint256 id, Claim storage c) private {
        Values memory v = _values(c.task);
        c.status = ClaimStatus.Abandoned;
        uint256 lost = _share(c.stake, v.idleShare);
        if (lost > 0) _slash(lost, address(0), v);
        _unlock(c.solver, c.stake - lost);
        emit ClaimEnded(id, ClaimStatus.Abandoned, 0);
        _reopen(c.task);
    }

    /// The reward goes on rising from where it was.
    function _reopen(uint256 task) internal {
        Task storage t = _taskOf[task];
        (t.status, t.claim) = (TaskStatus.Open, 0);
    }

    function _endTask(uint256 task, Task storage t, TaskStatus status) private {
        t.status = status;
        uint256 refund = t.escrow;
        t.escrow = 0;
        _unlock(t.submitter, refund);
        emit TaskEnded(task, status, t.state, refund);
    }

    function _inStatus(uint256 id, ClaimStatus status) internal view returns (Claim storage c) {
        c = _claimOf[id];
        if (c.status != status) revert WrongClaimStatus(id, c.status);
    }

    function _ended(Claim storage c) internal view returns (bool) {
        return c.status >= ClaimStatus.Settled;
    }

    function _segmentSteps(Task storage t) private view returns (uint64) {
        uint64 left = t.steps - t.done;
        return left < t.segment ? left : t.segment;
    }

    function _records(uint256 steps, uint256 interval) internal pure returns (uint64) {
        return uint64((steps + interval - 1) / interval);
    }

    function _values(uint256 task) internal view returns (Values memory) {
        return parameters.valuesOf(_taskOf[task].version);
    }

    function _seatStake() internal view override returns (uint128) {
        return parameters.valuesOf(parameters.version()).seatStake;
    }

    function _share(uint256 amount, uint256 share) internal pure returns (uint256) {
        return amount * share / MILLION;
    }
}
