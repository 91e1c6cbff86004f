// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Query} from "../../src/Query.sol";

interface Checks {
    function check(Query calldata query) external view returns (bytes4);
}

/// @notice Many checks in one call, with the gas of each.
contract RefereeBatch {
    Checks private immutable referee;

    constructor(Checks referee_) {
        referee = referee_;
    }

    /// @return values Of each query: the 32 bits of the answer, above 32 bits of gas, that of handing the query on included.
    function checkMany(Query[] calldata queries) external view returns (uint256[] memory values) {
        values = new uint256[](queries.length);
        uint256 free;
        assembly {
            free := mload(0x40)
        }
        for (uint256 i = 0; i < queries.length; i++) {
            uint256 used = gasleft();
            uint256 bits = uint32(referee.check(queries[i]));
            values[i] = (bits << 32) | (used - gasleft());
            // What a call leaves in memory is of no use to the next one.
            assembly {
                mstore(0x40, free)
            }
        }
    }

    /// Calls with so much gas, as a caller that does not mind if it fails.
    /// @return answered Whether there was an answer
    /// @return answer The answer, or the reason
    /// @return used Gas of the call
    function attempt(bytes memory call, uint256 gas) external view returns (bool answered, bytes memory answer, uint256 used) {
        used = gasleft();
        (answered, answer) = address(referee).staticcall{gas: gas}(call);
        used -= gasleft();
    }
}
