// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../Merkle.sol";
import {Cursor, Proof} from "../Proof.sol";
import {Tensor, Tensors} from "../Tensor.sol";
import {Encoding} from "../generated/Encoding.sol";
import {IMarket, Task, TaskStatus} from "./IMarket.sol";

/// What is read of a market.
interface ITasks {
    function taskOf(uint256 task) external view returns (Task memory);
}

/// @title States put together from entries of proven ones: how shards begin from one state, and a merge from all of theirs.
contract Selections {
    error NoSuchEntry(uint256 parent, uint256 entry);
    error OtherSteps(uint256 task, uint256 steps, uint256 expected);

    /// Bytes of a wire.
    uint256 private constant WIRE = 40;

    struct Entry {
        Tensor tensor;
        bytes32 root;
    }

    /// Root of the state whose entries are those that `wiring` picks, and the steps behind it, which all parents have to agree on.
    /// @param parents Tasks that are done, by their numbers, each once.
    /// @param opened For each parent all entries of its final state: u32 count; then for each SHA-256 of its name, dtype u8, rank u8,
    /// dims u32[rank], tensor root. Numbers are little-endian.
    /// @param wiring For each new entry: u32 parent and u32 entry, both from 0 on, and SHA-256 of its name there.
    function begin(ITasks market, uint64[] calldata parents, bytes calldata opened, bytes calldata wiring)
        external
        view
        returns (bytes32 state, uint64 steps)
    {
        if (parents.length == 0) revert IMarket.BadSubmission("parents");
        // Each once, so that whoever puts the state together fetches no more than is there.
        for (uint256 i = 1; i < parents.length; i++) {
            if (parents[i] <= parents[i - 1]) revert IMarket.BadSubmission("parents");
        }
        Cursor memory cursor = Proof.open(opened);
        Entry[][] memory held = new Entry[][](parents.length);
        for (uint256 i = 0; i < parents.length; i++) {
            Task memory t = market.taskOf(parents[i]);
            if (t.status != TaskStatus.Done) revert IMarket.WrongTaskStatus(parents[i], t.status);
            uint64 done = t.firstStep + t.steps;
            if (i == 0) steps = done;
            if (done != steps) revert OtherSteps(parents[i], done, steps);
            bytes32 found;
            (held[i], found) = _open(cursor);
            if (found != t.state) revert IMarket.OtherStart(found, t.state);
        }
        Proof.done(cursor);
        state = _select(held, Proof.open(wiring), wiring.length / WIRE);
    }

    function _open(Cursor memory cursor) private view returns (Entry[] memory entries, bytes32 state) {
        entries = new Entry[](Proof.u32(cursor));
        bytes32[] memory digests = new bytes32[](entries.length);
        for (uint256 i = 0; i < entries.length; i++) {
            bytes32 name = Proof.word(cursor);
            Tensor memory tensor = Tensors.read(cursor);
            entries[i] = Entry(tensor, Proof.word(cursor));
            digests[i] = Merkle.stateEntry(name, tensor.dtype, tensor.dims, entries[i].root);
        }
        state = _list(digests);
    }

    function _select(Entry[][] memory held, Cursor memory cursor, uint256 count) private view returns (bytes32) {
        bytes32[] memory digests = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            uint256 parent = Proof.u32(cursor);
            uint256 entry = Proof.u32(cursor);
            if (parent >= held.length || entry >= held[parent].length) revert NoSuchEntry(parent, entry);
            Entry memory e = held[parent][entry];
            digests[i] = Merkle.stateEntry(Proof.word(cursor), e.tensor.dtype, e.tensor.dims, e.root);
        }
        Proof.done(cursor);
        return _list(digests);
    }

    function _list(bytes32[] memory digests) private view returns (bytes32) {
        return sha256(abi.encode(Encoding.LIST_TAG, digests.length, Merkle.rootOver(digests, Merkle.depthOf(digests.length))));
    }
}
