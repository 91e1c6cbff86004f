// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Context, Query} from "../../src/Query.sol";
import {Referee} from "../../src/Referee.sol";
import {Tensor} from "../../src/Tensor.sol";

/// @notice Many checks in one call, with the gas of each.
contract RefereeBatch is Referee {
    /// @return values and gas of each query: bits in the high half of a 64-bit number, gas in the low one.
    function checkMany(Query[] calldata queries) external view returns (uint256[] memory values) {
        values = new uint256[](queries.length);
        uint256 free;
        assembly {
            free := mload(0x40)
        }
        for (uint256 i = 0; i < queries.length; i++) {
            uint256 used = gasleft();
            (uint32 bits, ) = _value(queries[i], queries[i].context.partialsRoot);
            used -= gasleft();
            values[i] = (uint256(bits) << 32) | used;
            // What a check leaves in memory is of no use to the next one.
            assembly {
                mstore(0x40, free)
            }
        }
    }
}
