// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "./Binary32.sol";
import {Encoding} from "./generated/Encoding.sol";

/// @title The scalar functions of the map family.
/// @notice A value is 32 bits: of a binary32, of two's complement, or 0 or 1 for a bool. Operands are those of a canonical graph.
library Scalar {
    error TypesDoNotFit(uint256 opcode);

    /// @param dtypes of the operands
    /// @param x the operands
    /// @param to type of the result
    function apply_(uint256 opcode, uint256[3] memory dtypes, uint32[3] memory x, uint256 to) internal pure returns (uint32) {
        (uint256 type0, uint32 a, uint32 b) = (dtypes[0], x[0], x[1]);
        if (opcode == Encoding.WHERE) {
            if (type0 != Encoding.BOOL || dtypes[1] != to || dtypes[2] != to || !_numeric(to)) revert TypesDoNotFit(opcode);
            return a == 1 ? b : x[2];
        }
        if (opcode == Encoding.CAST) return _cast(type0, to, a);
        if (opcode == Encoding.NOT) {
            if (type0 != Encoding.BOOL || to != Encoding.BOOL) revert TypesDoNotFit(opcode);
            return 1 - a;
        }
        if (opcode == Encoding.SQRT || opcode == Encoding.NEG || opcode == Encoding.ABS) {
            if (type0 != to) revert TypesDoNotFit(opcode);
            return to == Encoding.I32 ? _negInteger(opcode, a) : _float1(opcode, to, a);
        }
        if (dtypes[1] != type0) revert TypesDoNotFit(opcode);
        if (opcode == Encoding.AND || opcode == Encoding.OR) {
            if (type0 != Encoding.BOOL || to != Encoding.BOOL) revert TypesDoNotFit(opcode);
            return opcode == Encoding.AND ? a & b : a | b;
        }
        if (opcode == Encoding.LESS || opcode == Encoding.LESS_OR_EQUAL || opcode == Encoding.EQUAL) {
            if (to != Encoding.BOOL || !_numeric(type0)) revert TypesDoNotFit(opcode);
            return _compare(opcode, type0, a, b) ? 1 : 0;
        }
        if (type0 != to) revert TypesDoNotFit(opcode);
        return to == Encoding.I32 ? _integer(opcode, a, b) : _float2(opcode, to, a, b);
    }

    function _numeric(uint256 dtype) private pure returns (bool) {
        return dtype == Encoding.F32 || dtype == Encoding.I32;
    }

    function _float1(uint256 opcode, uint256 dtype, uint32 a) private pure returns (uint32) {
        if (dtype != Encoding.F32) revert TypesDoNotFit(opcode);
        if (opcode == Encoding.NEG) return Binary32.neg(a);
        return opcode == Encoding.ABS ? Binary32.abs(a) : Binary32.sqrt(a);
    }

    function _float2(uint256 opcode, uint256 dtype, uint32 a, uint32 b) private pure returns (uint32) {
        if (dtype != Encoding.F32) revert TypesDoNotFit(opcode);
        if (opcode == Encoding.ADD) return Binary32.add(a, b);
        if (opcode == Encoding.SUB) return Binary32.sub(a, b);
        if (opcode == Encoding.MUL) return Binary32.mul(a, b);
        if (opcode == Encoding.DIV) return Binary32.div(a, b);
        if (opcode == Encoding.MIN) return Binary32.min(a, b);
        if (opcode == Encoding.MAX) return Binary32.max(a, b);
        revert TypesDoNotFit(opcode);
    }

    function _negInteger(uint256 opcode, uint32 a) private pure returns (uint32) {
        if (opcode != Encoding.NEG) revert TypesDoNotFit(opcode);
        unchecked {
            return 0 - a;
        }
    }

    function _integer(uint256 opcode, uint32 a, uint32 b) private pure returns (uint32) {
        unchecked {
            if (opcode == Encoding.ADD) return a + b;
            if (opcode == Encoding.SUB) return a - b;
            if (opcode == Encoding.MUL) return a * b;
        }
        revert TypesDoNotFit(opcode);
    }

    function _compare(uint256 opcode, uint256 dtype, uint32 a, uint32 b) private pure returns (bool) {
        if (dtype == Encoding.F32) {
            if (opcode == Encoding.LESS) return Binary32.lt(a, b);
            return opcode == Encoding.EQUAL ? Binary32.eq(a, b) : Binary32.le(a, b);
        }
        if (opcode == Encoding.LESS) return int32(a) < int32(b);
        return opcode == Encoding.EQUAL ? a == b : int32(a) <= int32(b);
    }

    function _cast(uint256 from, uint256 to, uint32 a) private pure returns (uint32) {
        if (from == Encoding.BOOL && to == Encoding.I32) return a;
        if (from == Encoding.BOOL && to == Encoding.F32) return a == 1 ? 0x3f800000 : 0;
        if (from == Encoding.I32 && to == Encoding.F32) return Binary32.fromInt32(int32(a));
        if (from == Encoding.F32 && to == Encoding.I32) return uint32(Binary32.toInt32(a));
        revert TypesDoNotFit(Encoding.CAST);
    }
}
