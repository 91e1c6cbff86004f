// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Binary32} from "../src/Binary32.sol";
import {Test} from "./Test.sol";

/// @notice Binary32 against the definition of rounding: no binary32 is nearer to the exact result, and of two that are equally near
/// the even one is taken. Exact results are integers: values times a power of two. Nothing of the library's own rounding is used.
contract Binary32Test is Test {
    uint32 private constant HIDDEN = 0x800000;

    /// Operands up to 30 places apart, powers of two among them.
    function testFuzz_addIsNearest(uint32 a, uint32 b, uint8 exponent, uint8 apart) external pure {
        uint32 field = uint32(bound(exponent, 31, 200));
        a = (a & (exponent & 1 == 0 ? 0x807fffff : 0x80000000)) | (field << 23);
        b = (b & 0x807fffff) | ((field - apart % 31) << 23);
        _isNearest(Binary32.add(a, b), _integer(a) + _integer(b), 0);
        assertEq(Binary32.add(b, a), Binary32.add(a, b));
    }

    function testFuzz_addOfAnyIsNearest(uint32 a, uint32 b) external pure {
        a = _finite(a, 200);
        b = _finite(b, 200);
        _isNearest(Binary32.add(a, b), _integer(a) + _integer(b), 0);
    }

    function testFuzz_cancellationIsNearest(uint32 a, uint8 ulps) external pure {
        a = _finite(a, 200);
        uint32 b = Binary32.neg(a) ^ (ulps & 0x3f);
        _isNearest(Binary32.add(a, b), _integer(a) + _integer(b), 0);
    }

    function testFuzz_mulIsNearest(uint32 a, uint32 b) external pure {
        a = _finite(a, 100);
        b = _finite(b, 100);
        _isNearest(Binary32.mul(a, b), _integer(a) * _integer(b), 149);
    }

    /// The middles between the quotient and its neighbours, times the divisor, enclose the dividend.
    function testFuzz_divIsNearest(uint32 a, uint32 b) external pure {
        a = _finite(a & Binary32.MAGNITUDE, 78);
        b = _finite(b & Binary32.MAGNITUDE, 78);
        vm.assume(a != 0 && b != 0);
        uint32 quotient = Binary32.div(a, b);
        int256 twice = _integer(a) << 150;
        if (quotient > 0) assertTrue((_integer(quotient - 1) + _integer(quotient)) * _integer(b) <= twice, "too large");
        assertTrue((_integer(quotient) + _integer(quotient + 1)) * _integer(b) >= twice, "too small");
    }

    /// The middles between the root and its neighbours, squared, enclose the operand.
    function testFuzz_sqrtIsNearest(uint32 a) external pure {
        a = _finite(a & Binary32.MAGNITUDE, 80);
        vm.assume(a != 0);
        uint32 root = Binary32.sqrt(a);
        int256 below = _integer(root - 1) + _integer(root);
        int256 above = _integer(root) + _integer(root + 1);
        int256 exact = _integer(a) << 151;
        assertTrue(below * below < exact, "too large");
        assertTrue(above * above > exact, "too small");
    }

    function testFuzz_subIsAddOfOpposite(uint32 a, uint32 b) external pure {
        if (Binary32.isNaN(b)) assertEq(Binary32.sub(a, b), Binary32.NAN);
        else assertEq(Binary32.sub(a, b), Binary32.add(a, Binary32.neg(b)));
    }

    function testFuzz_operandsChangePlaces(uint32 a, uint32 b) external pure {
        assertEq(Binary32.add(a, b), Binary32.add(b, a));
        assertEq(Binary32.mul(a, b), Binary32.mul(b, a));
        assertEq(Binary32.min(a, b), Binary32.min(b, a));
        assertEq(Binary32.max(a, b), Binary32.max(b, a));
    }

    function testFuzz_oneNaN(uint32 a, uint32 b) external pure {
        a |= Binary32.INFINITY;
        uint32[7] memory results = [
            Binary32.add(a, b),
            Binary32.sub(a, b),
            Binary32.mul(a, b),
            Binary32.div(a, b),
            Binary32.sqrt(a),
            Binary32.neg(a),
            Binary32.max(a, b)
        ];
        for (uint256 i = 0; i < results.length; i++) {
            assertTrue(!Binary32.isNaN(results[i]) || results[i] == Binary32.NAN, "another NaN");
        }
    }

    function testFuzz_order(uint32 a, uint32 b) external pure {
        bool ordered = !Binary32.isNaN(a) && !Binary32.isNaN(b);
        uint256 relations =
            (Binary32.lt(a, b) ? 1 : 0) + (Binary32.lt(b, a) ? 1 : 0) + (Binary32.eq(a, b) ? 1 : 0);
        assertEq(relations, ordered ? 1 : 0);
        assertTrue(Binary32.le(a, b) == (Binary32.lt(a, b) || Binary32.eq(a, b)), "le is lt or eq");
        if (!ordered) return;
        assertTrue(Binary32.le(Binary32.min(a, b), Binary32.max(a, b)), "min above max");
        assertTrue(Binary32.le(0, Binary32.abs(a)), "abs below zero");
    }

    function testFuzz_integersUpTo24PlacesAreKept(int32 a) external pure {
        a = int32(int256(bound(uint256(uint32(a)), 0, 2 ** 25))) - 2 ** 24;
        assertTrue(Binary32.toInt32(Binary32.fromInt32(a)) == a, "another integer");
    }

    function testFuzz_fromInt32IsNearest(int32 a) external pure {
        _isNearest(Binary32.fromInt32(a), int256(a) << 149, 0);
    }

    function testFuzz_toInt32DropsTheFraction(uint32 a) external pure {
        a = _finite(a, 157);
        assertTrue(Binary32.toInt32(a) == _integer(a) / int256(1 << 149), "another integer part");
    }

    function test_integersBeyondTheType() external pure {
        assertTrue(Binary32.toInt32(0x4f000000) == type(int32).max, "2^31");
        assertTrue(Binary32.toInt32(0xcf000000) == type(int32).min, "-2^31");
        assertTrue(Binary32.toInt32(Binary32.INFINITY) == type(int32).max, "infinity");
        assertTrue(Binary32.toInt32(Binary32.NAN) == 0, "NaN");
    }

    /// The value with its exponent field brought to at most `most`.
    function _finite(uint32 a, uint32 most) private pure returns (uint32) {
        uint32 field = (a >> 23) & 0xff;
        return (a & 0x807fffff) | ((field % (most + 1)) << 23);
    }

    /// The value times 2^149, for an exponent field of at most 230.
    function _integer(uint32 a) private pure returns (int256) {
        uint256 field = (a >> 23) & 0xff;
        uint256 magnitude = field == 0 ? a & 0x7fffff : uint256((a & 0x7fffff) | HIDDEN) << (field - 1);
        return a >> 31 == 0 ? int256(magnitude) : -int256(magnitude);
    }

    /// `exact` is times 2^(149 + scale).
    function _isNearest(uint32 result, int256 exact, uint256 scale) private pure {
        uint256 distance = _distance(_integer(result) << scale, exact);
        uint256 up = _distance(_integer(result + 1) << scale, exact);
        assertTrue(distance <= up, "the value above is nearer");
        assertTrue(distance < up || result & 1 == 0, "the value above is even and as near");
        if (result & Binary32.MAGNITUDE == 0) return;
        uint256 down = _distance(_integer(result - 1) << scale, exact);
        assertTrue(distance <= down, "the value below is nearer");
        assertTrue(distance < down || result & 1 == 0, "the value below is even and as near");
    }

    function _distance(int256 a, int256 b) private pure returns (uint256) {
        return uint256(a > b ? a - b : b - a);
    }
}
