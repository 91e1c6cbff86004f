// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Merkle} from "../../src/Merkle.sol";
import {Cursor, Proof} from "../../src/Proof.sol";
import {Encoding} from "../../src/generated/Encoding.sol";
import {IReferee, Job, Layout, Question} from "../../src/pinpoint/IReferee.sol";

/// @title Referee of a machine that only counts, for games whose every value is known beforehand.
/// @notice A step has three operators over `elements` numbers: x as it was, where element e is step * terms + e; a sum of `terms` ones, a
/// term at a time; and x plus that sum, which is the next x. The state holds the last two.
contract CountingReferee is IReferee {
    error ProofForNothing(uint256 length);
    error OtherTrace(bytes32 expected, bytes32 found);

    uint256 private constant STATE = 3;
    uint256 private constant ENTRIES = 4;

    uint64 public immutable elements;
    uint32 public immutable terms;

    constructor(uint64 elements_, uint32 terms_) {
        (elements, terms) = (elements_, terms_);
    }

    function layoutOf(bytes32, uint256, uint256 entry, bytes calldata proof) external view returns (Layout memory) {
        if (proof.length != 0) revert ProofForNothing(proof.length);
        if (entry == STATE) return Layout(0, 2, 0, abi.encode(Encoding.LIST_TAG, uint256(2)));
        bytes memory header = abi.encode(Encoding.TENSOR_TAG, Encoding.F32, uint256(1), uint256(elements));
        return Layout(uint8(Encoding.F32), elements, entry == 1 ? terms : 0, header);
    }

    /// The proof of a state entry is its tensor root with its path in the operator list; all else needs none.
    function rightValue(Job calldata, Question calldata q, bytes calldata proof) external view returns (bytes32) {
        if (q.entry == STATE) {
            Cursor memory cursor = Proof.open(proof);
            bytes32 tensor = Proof.word(cursor);
            bytes32 trace = Merkle.listRoot(cursor, tensor, 2 - q.index, ENTRIES);
            if (trace != q.trace) revert OtherTrace(q.trace, trace);
            Proof.done(cursor);
            uint256[] memory dims = new uint256[](1);
            dims[0] = elements;
            return Merkle.stateEntry(bytes32(q.index), Encoding.F32, dims, tensor);
        }
        if (proof.length != 0) revert ProofForNothing(proof.length);
        if (q.entry == 1) return bytes32(q.term + 1);
        return bytes32((q.step + (q.entry == 2 ? 1 : 0)) * terms + q.index);
    }
}
