// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "../../src/Binary32.sol";

/// @notice The gas of one operation of Binary32, from operands on the stack to a result in memory.
/// The result is returned, so the operation takes place, and a store stays between the two readings of the gas around it.
contract Binary32Gas {
    function add(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.add(a, b);
        used -= gasleft();
    }

    function sub(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.sub(a, b);
        used -= gasleft();
    }

    function mul(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.mul(a, b);
        used -= gasleft();
    }

    function div(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.div(a, b);
        used -= gasleft();
    }

    function sqrt(uint32 a, uint32) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.sqrt(a);
        used -= gasleft();
    }

    function lt(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.lt(a, b) ? 1 : 0;
        used -= gasleft();
    }

    function le(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.le(a, b) ? 1 : 0;
        used -= gasleft();
    }

    function eq(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.eq(a, b) ? 1 : 0;
        used -= gasleft();
    }

    function abs(uint32 a, uint32) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.abs(a);
        used -= gasleft();
    }

    function neg(uint32 a, uint32) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.neg(a);
        used -= gasleft();
    }

    function min(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.min(a, b);
        used -= gasleft();
    }

    function max(uint32 a, uint32 b) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.max(a, b);
        used -= gasleft();
    }

    function fromInt32(uint32 a, uint32) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = Binary32.fromInt32(int32(a));
        used -= gasleft();
    }

    function toInt32(uint32 a, uint32) external view returns (uint256 used, uint32[1] memory result) {
        used = gasleft();
        result[0] = uint32(Binary32.toInt32(a));
        used -= gasleft();
    }
}
