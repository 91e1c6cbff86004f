// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Threefry-2x32-20, the random source of a run, and the order of rows that is drawn from it.
/// @notice Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants of Random123 1.14.
library Threefry {
    error NoRows();
    error TooManyRounds(uint256 row, uint256 rows);

    uint256 private constant MASK = 0xffffffff;
    uint256 private constant PARITY = 0x1bd11bda;
    /// "perm": the stream that permutations draw from.
    uint256 private constant PERMUTATION_STREAM = 0x7065726d;
    /// The "epoch" whose permutation splits a data set into rows to train on and rows held out.
    uint256 private constant SPLIT_EPOCH = 0xffffffff;
    /// Passes through the network that the two permutations of a row may take together. Each is left with a probability of a quarter
    /// or more, so one row in 10^9 takes more, in the worst case.
    uint256 internal constant MAX_WALKS = 88;

    /// Word number `position` of the stream at a step: 32 bits.
    function bits(uint256 seed, uint256 stream, uint256 step, uint256 position) internal pure returns (uint256) {
        unchecked {
            uint256 third = PARITY ^ seed ^ stream;
            uint256 x0 = (step + seed) & MASK;
            uint256 x1 = ((position >> 1) + stream) & MASK;
            (x0, x1) = _four(x0, x1, 0x0d0f1a06, stream, third + 1);
            (x0, x1) = _four(x0, x1, 0x111d1018, third, seed + 2);
            (x0, x1) = _four(x0, x1, 0x0d0f1a06, seed, stream + 3);
            (x0, x1) = _four(x0, x1, 0x111d1018, stream, third + 4);
            (x0, x1) = _four(x0, x1, 0x0d0f1a06, third, seed + 5);
            return position & 1 == 0 ? x0 : x1;
        }
    }

    /// Four rounds, by the places of rotation in `by`, and the injection of two words of the key.
    function _four(uint256 x0, uint256 x1, uint256 by, uint256 k0, uint256 k1) private pure returns (uint256, uint256) {
        assembly ("memory-safe") {
            function round(a, b, r) -> c, d {
                c := and(add(a, b), MASK)
                d := xor(and(or(shl(r, b), shr(sub(32, r), b)), MASK), c)
            }
            x0, x1 := round(x0, x1, shr(24, by))
            x0, x1 := round(x0, x1, and(shr(16, by), 0xff))
            x0, x1 := round(x0, x1, and(shr(8, by), 0xff))
            x0, x1 := round(x0, x1, and(by, 0xff))
            x0 := and(add(x0, k0), MASK)
            x1 := and(add(x1, k1), MASK)
        }
        return (x0, x1);
    }

    /// Row `j` of the batch of a step (`batchOrder` of packages/ir): the split of an epoch's permutation of the training rows.
    function row(uint256 seed, uint256 step, uint256 batch, uint256 j, uint256 rows, uint256 training) internal pure returns (uint256 pos) {
        if (training == 0 || training > rows) revert NoRows();
        uint256 position = step * batch + j;
        uint256 walks;
        (pos, walks) = permuted(seed, position / training, training, position % training, MAX_WALKS);
        (pos, ) = permuted(seed, SPLIT_EPOCH, rows, pos, walks);
    }

    /// Where the permutation of an epoch takes `i`, and how many passes of those allowed are left.
    function permuted(uint256 seed, uint256 epoch, uint256 n, uint256 i, uint256 walks) internal pure returns (uint256 x, uint256) {
        unchecked {
            uint256 half = 1;
            while (1 << (2 * half) < n) half++;
            uint256 mask = (1 << half) - 1;
            x = i;
            do {
                if (walks-- == 0) revert TooManyRounds(i, n);
                uint256 left = x >> half;
                uint256 right = x & mask;
                for (uint256 round = 0; round < 6; round++) {
                    uint256 f = bits(seed, PERMUTATION_STREAM, epoch, (round << 16) + right) & mask;
                    (left, right) = (right, left ^ f);
                }
                x = (left << half) | right;
            } while (x >= n);
            return (x, walks);
        }
    }
}
