// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Encoding} from "../../src/generated/Encoding.sol";
import {IMarket, Submission, TaskStatus} from "../../src/market/IMarket.sol";
import {ITasks, Selections} from "../../src/market/Selections.sol";
import {Proof} from "../../src/Proof.sol";
import {Merkle} from "../../src/Merkle.sol";
import {Machines} from "../pinpoint/Machine.sol";
import {Bazaar} from "./Bazaar.sol";

/// An entry of a state, whatever its bytes are.
struct Entry {
    bytes32 name;
    uint256 dtype;
    uint256[] dims;
    bytes32 root;
}

/// @notice A task begins with what was proven, under other names, or not at all.
contract SelectionTest is Bazaar {
    uint64 private constant PART = 5;

    function setUp() external {
        vm.warp(1_000_000);
        fund(submitter);
        fund(defender);
        fund(challenger);
        fund(verifier);
    }

    function test_shardsBeginFromOneStateAndAMergeFromTheirs() external {
        uint256 whole = _done(_state(1, 0));
        // Each shard takes all of it, with its own names.
        uint256[] memory shards = new uint256[](3);
        for (uint256 i = 0; i < 3; i++) {
            Entry[] memory first = _named(_state(1, 0), i + 1);
            shards[i] = _submitFrom(_list(first), _one(whole), _opened(_state(1, 0)), _wiring(0, i + 1));
            assertEq(taskOf(shards[i]).firstStep, PART);
            assertEq(taskOf(shards[i]).state, _list(first));
            _finish(shards[i], _list(_state(10 + i, i + 1)));
        }
        // And the merge all of theirs, one behind the other.
        Entry[] memory all = new Entry[](9);
        bytes memory opened;
        bytes memory wiring;
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = 0; j < 3; j++) all[3 * i + j] = _state(10 + i, i + 1)[j];
            opened = bytes.concat(opened, _opened(_state(10 + i, i + 1)));
            wiring = bytes.concat(wiring, _wiring(i, i + 1));
        }
        uint64[] memory parents = new uint64[](3);
        for (uint256 i = 0; i < 3; i++) parents[i] = uint64(shards[i]);
        uint256 merge = _submitFrom(_list(all), parents, opened, wiring);
        assertEq(taskOf(merge).firstStep, 2 * PART);
        assertEq(taskOf(merge).state, _list(all));
        // It is a task like any other.
        _finish(merge, _list(_state(20, 0)));
        assertEq(uint256(taskOf(merge).status), uint256(TaskStatus.Done));
        assertBalanced(everybody());
    }

    function test_aPartOfAStateInAnotherOrder() external {
        uint256 parent = _done(_state(1, 0));
        Entry[] memory picked = new Entry[](2);
        (picked[0], picked[1]) = (_state(1, 0)[2], _state(1, 0)[0]);
        bytes memory wiring = bytes.concat(_wire(0, 2, picked[0].name), _wire(0, 0, picked[1].name));
        _submitFrom(_list(picked), _one(parent), _opened(_state(1, 0)), wiring);
        // One entry in two places.
        picked[1] = _state(1, 0)[2];
        picked[1].name = "again";
        wiring = bytes.concat(_wire(0, 2, picked[0].name), _wire(0, 2, picked[1].name));
        _submitFrom(_list(picked), _one(parent), _opened(_state(1, 0)), wiring);
    }

    function test_wrongWiringIsRefused() external {
        uint256 parent = _done(_state(1, 0));
        bytes memory opened = _opened(_state(1, 0));
        bytes32 init = _list(_named(_state(1, 0), 1));
        _refused(init, _one(parent), opened, _wiring(0, 2), IMarket.OtherStart.selector);
        bytes memory swapped = bytes.concat(_wire(0, 1, _name(0, 1)), _wire(0, 0, _name(1, 1)), _wire(0, 2, _name(2, 1)));
        _refused(init, _one(parent), opened, swapped, IMarket.OtherStart.selector);
        // An entry is missing, is one too many, is none.
        bytes memory two = bytes.concat(_wire(0, 0, _name(0, 1)), _wire(0, 1, _name(1, 1)));
        _refused(init, _one(parent), opened, two, IMarket.OtherStart.selector);
        _refused(init, _one(parent), opened, bytes.concat(_wiring(0, 1), _wire(0, 0, "more")), IMarket.OtherStart.selector);
        _refused(init, _one(parent), opened, "", IMarket.OtherStart.selector);
        _refused(init, _one(parent), opened, bytes.concat(two, _wire(0, 3, _name(2, 1))), Selections.NoSuchEntry.selector);
        _refused(init, _one(parent), opened, bytes.concat(two, _wire(1, 2, _name(2, 1))), Selections.NoSuchEntry.selector);
        _refused(init, _one(parent), opened, bytes.concat(_wiring(0, 1), hex"00"), Proof.TrailingBytes.selector);
        _submitFrom(init, _one(parent), opened, _wiring(0, 1));
    }

    function test_otherEntriesThanTheProvenAreRefused() external {
        uint256 parent = _done(_state(1, 0));
        bytes32 init = _list(_named(_state(1, 0), 1));
        // Another type, shape, root, name; one left out; one added; of another state.
        for (uint256 what = 0; what < 4; what++) {
            Entry[] memory other = _state(1, 0);
            if (what == 0) other[1].dtype = Encoding.I32;
            else if (what == 1) other[1].dims[0]++;
            else if (what == 2) other[1].root = "other";
            else other[1].name = "other";
            _refused(_list(_named(other, 1)), _one(parent), _opened(other), _wiring(0, 1), IMarket.OtherStart.selector);
        }
        Entry[] memory less = new Entry[](2);
        (less[0], less[1]) = (_state(1, 0)[0], _state(1, 0)[1]);
        _refused(init, _one(parent), _opened(less), _wiring(0, 1), IMarket.OtherStart.selector);
        _refused(init, _one(parent), _opened(_state(2, 0)), _wiring(0, 1), IMarket.OtherStart.selector);
        _refused(init, _one(parent), bytes.concat(_opened(_state(1, 0)), hex"00"), _wiring(0, 1), Proof.TrailingBytes.selector);
        _refused(init, _one(parent), hex"0300", _wiring(0, 1), Proof.ProofTooShort.selector);
    }

    function test_parentsAreDoneAndAtOneStep() external {
        uint256 a = _done(_state(1, 1));
        uint256 open = submit(_submission(_list(_state(2, 2)), PART));
        Entry[] memory all = new Entry[](6);
        for (uint256 i = 0; i < 6; i++) all[i] = i < 3 ? _state(1, 1)[i] : _state(2, 2)[i - 3];
        bytes memory opened = bytes.concat(_opened(_state(1, 1)), _opened(_state(2, 2)));
        bytes memory wiring = bytes.concat(_wiring(0, 1), _wiring(1, 2));
        _refused(_list(all), _two(a, open), opened, wiring, IMarket.WrongTaskStatus.selector);
        _refused(_list(all), _two(a, 99), opened, wiring, IMarket.WrongTaskStatus.selector);
        _refused(_list(all), new uint64[](0), "", "", IMarket.BadSubmission.selector);
        // One step further than the other.
        uint256 far = submit(_submission(_list(_state(2, 2)), PART + 1));
        _finish(far, _list(_state(2, 2)));
        _refused(_list(all), _two(a, far), opened, wiring, Selections.OtherSteps.selector);
        _finish(open, _list(_state(2, 2)));
        uint256 task = _submitFrom(_list(all), _two(a, open), opened, wiring);
        assertEq(taskOf(task).firstStep, PART);
        // Each parent once, in order.
        _refused(_list(all), _two(open, a), opened, wiring, IMarket.BadSubmission.selector);
        _refused(_list(all), _two(a, a), opened, wiring, IMarket.BadSubmission.selector);
        Submission memory s = _submission(_list(all), PART);
        s.parent = uint64(a);
        uint64[] memory two = _two(a, open);
        vm.prank(submitter);
        _reverts(IMarket.BadSubmission.selector);
        market.submitFrom(s, two, opened, wiring);
    }

    function test_whatIsCheckedCanBeAskedBefore() external {
        uint256 parent = _done(_state(1, 0));
        (bytes32 state, uint64 steps) = selections.begin(ITasks(address(market)), _one(parent), _opened(_state(1, 0)), _wiring(0, 4));
        assertEq(state, _list(_named(_state(1, 0), 4)));
        assertEq(steps, PART);
    }

    // States of three entries: a matrix, a vector and a scalar.

    function _state(uint256 bytes_, uint256 shard) private pure returns (Entry[] memory all) {
        all = new Entry[](3);
        for (uint256 i = 0; i < 3; i++) {
            uint256[] memory dims = new uint256[](2 - i);
            for (uint256 k = 0; k < dims.length; k++) dims[k] = 300 + i + k;
            all[i] = Entry(_name(i, shard), i == 2 ? Encoding.I32 : Encoding.F32, dims, keccak256(abi.encode(bytes_, i)));
        }
    }

    function _name(uint256 i, uint256 shard) private pure returns (bytes32) {
        return keccak256(abi.encode("name", i, shard));
    }

    function _named(Entry[] memory all, uint256 shard) private pure returns (Entry[] memory) {
        for (uint256 i = 0; i < all.length; i++) all[i].name = _name(i, shard);
        return all;
    }

    function _list(Entry[] memory all) private view returns (bytes32) {
        bytes32[] memory digests = new bytes32[](all.length);
        for (uint256 i = 0; i < all.length; i++) digests[i] = Merkle.stateEntry(all[i].name, all[i].dtype, all[i].dims, all[i].root);
        return sha256(abi.encode(Encoding.LIST_TAG, all.length, Machines.root(digests)));
    }

    function _opened(Entry[] memory all) private pure returns (bytes memory opened) {
        opened = _u32(all.length);
        for (uint256 i = 0; i < all.length; i++) {
            opened = bytes.concat(opened, all[i].name, bytes1(uint8(all[i].dtype)), bytes1(uint8(all[i].dims.length)));
            for (uint256 k = 0; k < all[i].dims.length; k++) opened = bytes.concat(opened, _u32(all[i].dims[k]));
            opened = bytes.concat(opened, all[i].root);
        }
    }

    /// All three entries of a parent, with the names of that shard.
    function _wiring(uint256 parent, uint256 shard) private pure returns (bytes memory wiring) {
        for (uint256 i = 0; i < 3; i++) wiring = bytes.concat(wiring, _wire(parent, i, _name(i, shard)));
    }

    function _wire(uint256 parent, uint256 entry, bytes32 name) private pure returns (bytes memory) {
        return bytes.concat(_u32(parent), _u32(entry), name);
    }

    function _u32(uint256 value) private pure returns (bytes memory) {
        return abi.encodePacked(uint32(Proof.swap32(value)));
    }

    function _one(uint256 task) private pure returns (uint64[] memory parents) {
        parents = new uint64[](1);
        parents[0] = uint64(task);
    }

    function _two(uint256 a, uint256 b) private pure returns (uint64[] memory parents) {
        parents = new uint64[](2);
        (parents[0], parents[1]) = (uint64(a), uint64(b));
    }

    function _submission(bytes32 init, uint64 steps) private view returns (Submission memory s) {
        s = submission();
        (s.job.init, s.job.steps, s.job.interval, s.segment) = (init, steps, steps, steps);
    }

    function _done(Entry[] memory state) private returns (uint256 task) {
        task = submit(_submission("init", PART));
        _finish(task, _list(state));
    }

    /// Claimed, delivered, proven and settled with that state.
    function _finish(uint256 task, bytes32 state) private {
        uint256 id = claim(task);
        bytes32 root = Merkle.leaf(state);
        vm.startPrank(defender);
        market.checkpoint(id, 1, root, state, new bytes32[](0), "cid");
        market.prove(id, root);
        vm.stopPrank();
        afterWindows(id);
        market.settle(id);
    }

    function _submitFrom(bytes32 init, uint64[] memory parents, bytes memory opened, bytes memory wiring) private returns (uint256) {
        Submission memory s = _submission(init, PART);
        vm.prank(submitter);
        return market.submitFrom(s, parents, opened, wiring);
    }

    function _refused(bytes32 init, uint64[] memory parents, bytes memory opened, bytes memory wiring, bytes4 why) private {
        Submission memory s = _submission(init, PART);
        vm.prank(submitter);
        _reverts(why);
        market.submitFrom(s, parents, opened, wiring);
    }

    function _reverts(bytes4 why) private {
        Cheats(address(vm)).expectPartialRevert(why);
    }
}

interface Cheats {
    function expectPartialRevert(bytes4 selector) external;
}
