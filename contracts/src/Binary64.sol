// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title What the referee needs of binary64, in which graphs hold the reals of their inputs.
/// @notice Values are bit patterns. Whatever would not end in a normal number or zero reverts.
library Binary64 {
    error NotRepresentable(uint256 bits);

    uint256 private constant SIGN = 1 << 63;
    uint256 private constant LEADING = 1 << 52;
    uint256 private constant ONE = 0x3ff0000000000000;

    /// The nearest binary32, ties to even (`Math.fround`).
    function toBinary32(uint256 bits) internal pure returns (uint32) {
        unchecked {
            uint256 sign = (bits & SIGN) >> 32;
            uint256 magnitude = bits & (SIGN - 1);
            if (magnitude == 0) return uint32(sign);
            uint256 exponent = magnitude >> 52;
            // 2^-126 to less than 2^128.
            if (exponent < 897 || exponent > 1150) revert NotRepresentable(bits);
            uint256 rounded = (magnitude + (1 << 28) - 1 + ((magnitude >> 29) & 1)) >> 29;
            rounded -= 896 << 23;
            if (rounded >= 0x7f800000) revert NotRepresentable(bits);
            return uint32(sign | rounded);
        }
    }

    /// The integer part, where it is one of the type.
    function toInt32(uint256 bits) internal pure returns (int32) {
        unchecked {
            (uint256 exponent, uint256 significand) = _unpack(bits);
            if (exponent < 1023) return 0;
            // From 2^32 on, infinity and NaN included.
            if (exponent > 1054) revert NotRepresentable(bits);
            int256 value = int256(significand >> (1075 - exponent));
            if (bits & SIGN != 0) value = -value;
            if (value != int32(value)) revert NotRepresentable(bits);
            return int32(value);
        }
    }

    /// round(a * 2^24), halves up, for 0 < a <= 1.
    function times2e24(uint256 bits) internal pure returns (uint256) {
        unchecked {
            if (bits > ONE) revert NotRepresentable(bits);
            (uint256 exponent, uint256 significand) = _unpack(bits);
            uint256 dropped = 1051 - exponent;
            return dropped > 54 ? 0 : (significand + (1 << (dropped - 1))) >> dropped;
        }
    }

    /// 1 / a, rounded to nearest, for 2^-25 < a <= 1.
    function reciprocal(uint256 bits) internal pure returns (uint256) {
        unchecked {
            (uint256 exponent, uint256 significand) = _unpack(bits);
            if (bits > ONE || exponent < 998) revert NotRepresentable(bits);
            if (significand == LEADING) return (2046 - exponent) << 52;
            // 54 places; the quotient never ends, so the last of them decides alone.
            uint256 quotient = (1 << 106) / significand;
            return ((2045 - exponent) << 52) + ((quotient >> 1) + (quotient & 1) - LEADING);
        }
    }

    function _unpack(uint256 bits) private pure returns (uint256 exponent, uint256 significand) {
        unchecked {
            return ((bits >> 52) & 0x7ff, (bits & (LEADING - 1)) | LEADING);
        }
    }
}
