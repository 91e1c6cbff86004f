// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "../../src/Binary32.sol";

/// @notice Runs one operation of Binary32 on many operands in one call.
contract Binary32Batch {
    /// The operations by number.
    enum Operation {
        add,
        sub,
        mul,
        div,
        sqrt,
        lt,
        le,
        eq,
        abs,
        neg,
        min,
        max,
        fromInt32,
        toInt32
    }

    /// @param words Four pairs each: a b a b a b a b, from the highest bits down. Operations of one operand read a.
    /// @return results One word for four pairs, the results in its low half. A comparison gives 0 or 1.
    function batch(Operation operation, uint256[] calldata words)
        external
        pure
        returns (uint256[] memory results)
    {
        function(uint32, uint32) pure returns (uint32) f = _function(operation);
        uint256 count = words.length;
        results = new uint256[](count);
        unchecked {
            for (uint256 i = 0; i < count; i++) {
                uint256 word = words[i];
                uint256 result = 0;
                for (uint256 shift = 256; shift > 0; shift -= 64) {
                    result = (result << 32) | f(uint32(word >> (shift - 32)), uint32(word >> (shift - 64)));
                }
                results[i] = result;
            }
        }
    }

    function _function(Operation operation) private pure returns (function(uint32, uint32) pure returns (uint32)) {
        if (operation == Operation.add) return Binary32.add;
        if (operation == Operation.sub) return Binary32.sub;
        if (operation == Operation.mul) return Binary32.mul;
        if (operation == Operation.div) return Binary32.div;
        if (operation == Operation.sqrt) return _sqrt;
        if (operation == Operation.lt) return _lt;
        if (operation == Operation.le) return _le;
        if (operation == Operation.eq) return _eq;
        if (operation == Operation.abs) return _abs;
        if (operation == Operation.neg) return _neg;
        if (operation == Operation.min) return Binary32.min;
        if (operation == Operation.max) return Binary32.max;
        if (operation == Operation.fromInt32) return _fromInt32;
        return _toInt32;
    }

    function _sqrt(uint32 a, uint32) private pure returns (uint32) {
        return Binary32.sqrt(a);
    }

    function _lt(uint32 a, uint32 b) private pure returns (uint32) {
        return Binary32.lt(a, b) ? 1 : 0;
    }

    function _le(uint32 a, uint32 b) private pure returns (uint32) {
        return Binary32.le(a, b) ? 1 : 0;
    }

    function _eq(uint32 a, uint32 b) private pure returns (uint32) {
        return Binary32.eq(a, b) ? 1 : 0;
    }

    function _abs(uint32 a, uint32) private pure returns (uint32) {
        return Binary32.abs(a);
    }

    function _neg(uint32 a, uint32) private pure returns (uint32) {
        return Binary32.neg(a);
    }

    function _fromInt32(uint32 a, uint32) private pure returns (uint32) {
        return Binary32.fromInt32(int32(a));
    }

    function _toInt32(uint32 a, uint32) private pure returns (uint32) {
        return uint32(Binary32.toInt32(a));
    }
}
