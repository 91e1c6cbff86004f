// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title IEEE 754-2019 binary32 arithmetic: correctly rounded, to nearest, ties to even.
/// @notice Values are bit patterns. Subnormals are kept; every NaN that comes out is the canonical one; no flags.
/// Words of 256 bits hold every intermediate result exactly, or with all that is lost joined into the lowest bit, which is
/// far enough below the last place to decide no tie. So there is one rounding, in `_round`.
library Binary32 {
    uint32 internal constant NAN = 0x7fc00000;
    uint32 internal constant INFINITY = 0x7f800000;
    uint32 internal constant SIGN = 0x80000000;
    uint32 internal constant MAGNITUDE = 0x7fffffff;

    /// Two operands this many places apart do not overlap: 24 places, guard, round, and room to spare.
    int256 private constant APART = 32;

    function isNaN(uint32 a) internal pure returns (bool) {
        return a & MAGNITUDE > INFINITY;
    }

    function isFinite(uint32 a) internal pure returns (bool) {
        return a & MAGNITUDE < INFINITY;
    }

    function neg(uint32 a) internal pure returns (uint32) {
        return isNaN(a) ? NAN : a ^ SIGN;
    }

    function abs(uint32 a) internal pure returns (uint32) {
        return isNaN(a) ? NAN : a & MAGNITUDE;
    }

    /// a < b; false where an operand is NaN. -0 equals +0.
    function lt(uint32 a, uint32 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && _order(a) < _order(b);
    }

    function le(uint32 a, uint32 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && _order(a) <= _order(b);
    }

    function eq(uint32 a, uint32 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && _order(a) == _order(b);
    }

    /// The smaller operand, -0 below +0; NaN if either is (`minimum` of IEEE 754-2019).
    function min(uint32 a, uint32 b) internal pure returns (uint32) {
        if (isNaN(a) || isNaN(b)) return NAN;
        if ((a | b) & MAGNITUDE == 0) return a | b;
        return _order(a) < _order(b) ? a : b;
    }

    /// The larger operand, +0 above -0; NaN if either is (`maximum` of IEEE 754-2019).
    function max(uint32 a, uint32 b) internal pure returns (uint32) {
        if (isNaN(a) || isNaN(b)) return NAN;
        if ((a | b) & MAGNITUDE == 0) return a & b;
        return _order(a) < _order(b) ? b : a;
    }

    function add(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            if (a & MAGNITUDE < b & MAGNITUDE) (a, b) = (b, a);
            if (!isFinite(a)) return isNaN(a) || (b == a ^ SIGN) ? NAN : a;
            (int256 exponentA, uint256 significandA) = _unpack(a);
            (int256 exponentB, uint256 significandB) = _unpack(b);
            int256 apart = exponentA - exponentB;
            if (apart > APART) {
                apart = APART;
                if (significandB > 1) significandB = 1;
            }
            significandA <<= uint256(apart);
            bool alike = (a ^ b) & SIGN == 0;
            uint256 sum = alike ? significandA + significandB : significandA - significandB;
            if (sum == 0) return alike ? a : 0;
            return _round(a & SIGN, exponentA - apart, sum, Math.log2(sum));
        }
    }

    function sub(uint32 a, uint32 b) internal pure returns (uint32) {
        return add(a, b ^ SIGN);
    }

    function mul(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            uint32 sign = (a ^ b) & SIGN;
            if (a & MAGNITUDE < b & MAGNITUDE) (a, b) = (b, a);
            if (!isFinite(a)) return isNaN(a) || b & MAGNITUDE == 0 ? NAN : sign | INFINITY;
            if (b & MAGNITUDE == 0) return sign;
            (int256 exponentA, uint256 significandA) = _unpack(a);
            (int256 exponentB, uint256 significandB) = _unpack(b);
            uint256 product = significandA * significandB;
            return _round(sign, exponentA + exponentB, product, Math.log2(product));
        }
    }

    function div(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            uint32 sign = (a ^ b) & SIGN;
            if (!isFinite(a)) return isNaN(a) || !isFinite(b) ? NAN : sign | INFINITY;
            if (!isFinite(b)) return isNaN(b) ? NAN : sign;
            if (b & MAGNITUDE == 0) return a & MAGNITUDE == 0 ? NAN : sign | INFINITY;
            if (a & MAGNITUDE == 0) return sign;
            (int256 exponentA, uint256 significandA) = _unpack(a);
            (int256 exponentB, uint256 significandB) = _unpack(b);
            // At least 2^50 over less than 2^24: 26 places or more.
            significandA <<= 50;
            uint256 quotient = significandA / significandB;
            if (quotient * significandB != significandA) quotient |= 1;
            return _round(sign, exponentA - exponentB - 50, quotient, Math.log2(quotient));
        }
    }

    /// The square root; of -0, -0; of anything else below zero, NaN.
    function sqrt(uint32 a) internal pure returns (uint32) {
        unchecked {
            if (a & MAGNITUDE == 0 || a == INFINITY) return a;
            if (a > INFINITY) return NAN;
            (int256 exponent, uint256 significand) = _unpack(a);
            // From 2^54 to 2^56, times an even power of two: the root has 28 places.
            int256 shift = 54 - int256(Math.log2(significand));
            shift += (exponent - shift) & 1;
            significand <<= uint256(shift);
            // Newton's method from the tangent at 2^55, at most 1/16 off; each step squares and halves the error.
            uint256 root = ((significand + 2 ** 55) * 181) >> 36;
            root = (root + significand / root) >> 1;
            root = (root + significand / root) >> 1;
            root = (root + significand / root) >> 1;
            uint256 square = root * root;
            if (square > significand) root -= 1;
            if (square != significand) root |= 1;
            return _round(0, (exponent - shift) >> 1, root, 27);
        }
    }

    function fromInt32(int32 a) internal pure returns (uint32) {
        unchecked {
            if (a == 0) return 0;
            uint256 magnitude = uint256(a < 0 ? -int256(a) : int256(a));
            return _round(a < 0 ? SIGN : 0, 0, magnitude, Math.log2(magnitude));
        }
    }

    /// The integer part; beyond the range of the type its nearest end, and 0 for NaN (WebAssembly's `i32.trunc_sat_f32_s`).
    function toInt32(uint32 a) internal pure returns (int32) {
        unchecked {
            if (isNaN(a)) return 0;
            bool negative = a & SIGN != 0;
            // From 2^31 on, infinity included.
            if (a & MAGNITUDE >= 0x4f000000) return negative ? type(int32).min : type(int32).max;
            (int256 exponent, uint256 significand) = _unpack(a);
            uint256 magnitude = exponent < 0 ? significand >> uint256(-exponent) : significand << uint256(exponent);
            return negative ? -int32(int256(magnitude)) : int32(int256(magnitude));
        }
    }

    /// An integer in the order of the values that are not NaN; one for both zeros.
    function _order(uint32 a) private pure returns (int256) {
        int256 magnitude = int256(uint256(a & MAGNITUDE));
        unchecked {
            return a & SIGN == 0 ? magnitude : -magnitude;
        }
    }

    /// |a| = significand * 2^exponent, for a finite a.
    function _unpack(uint32 a) private pure returns (int256 exponent, uint256 significand) {
        unchecked {
            significand = a & 0x7fffff;
            exponent = int256(uint256((a >> 23) & 0xff));
            if (exponent == 0) return (-149, significand);
            return (exponent - 150, significand | 0x800000);
        }
    }

    /// The binary32 nearest to +-significand * 2^exponent, for 0 < significand, and the position of its leading place.
    function _round(uint32 sign, int256 exponent, uint256 significand, uint256 position) private pure returns (uint32) {
        unchecked {
            // The exponent of the leading place, then that of the last place kept.
            int256 leading = exponent + int256(position);
            if (leading < -126) leading = -126;
            int256 dropped = leading - 23 - exponent;
            if (dropped > 0) {
                uint256 kept = significand >> uint256(dropped);
                // Less than a half is added to what is even, exactly a half to what is odd.
                significand = (significand + (1 << uint256(dropped - 1)) - 1 + (kept & 1)) >> uint256(dropped);
            } else {
                significand <<= uint256(-dropped);
            }
            // The leading place, and a carry out of it, count the exponent up.
            uint256 bits = (uint256(leading + 126) << 23) + significand;
            return bits < INFINITY ? sign | uint32(bits) : sign | INFINITY;
        }
    }
}
