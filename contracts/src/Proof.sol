// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Where a proof is being read, as positions in the call's data.
struct Cursor {
    uint256 pos;
    uint256 end;
}

/// @title Reads a proof from the front to the back.
/// @notice A proof holds no lengths of its own: how much is read next follows from what was registered, so there is one
/// encoding of each proof, and a path of another length ends in another root, too early, or in bytes left over.
library Proof {
    error ProofTooShort(uint256 wanted);
    error TrailingBytes(uint256 count);
    error HashFailed();

    function open(bytes calldata proof) internal pure returns (Cursor memory cursor) {
        uint256 pos;
        assembly ("memory-safe") {
            pos := proof.offset
        }
        cursor = Cursor(pos, pos + proof.length);
    }

    /// Moves on by `count` bytes and returns where they start.
    function take(Cursor memory cursor, uint256 count) internal pure returns (uint256 pos) {
        bool fits;
        assembly ("memory-safe") {
            pos := mload(cursor)
            let next := add(pos, count)
            fits := and(iszero(gt(next, mload(add(cursor, 0x20)))), iszero(lt(next, pos)))
            mstore(cursor, next)
        }
        if (!fits) revert ProofTooShort(count);
    }

    function word(Cursor memory cursor) internal pure returns (bytes32 value) {
        uint256 pos = take(cursor, 32);
        assembly ("memory-safe") {
            value := calldataload(pos)
        }
    }

    function u8(Cursor memory cursor) internal pure returns (uint256 value) {
        uint256 pos = take(cursor, 1);
        assembly ("memory-safe") {
            value := shr(248, calldataload(pos))
        }
    }

    /// Little-endian, like everything in the bytes of a graph.
    function u32(Cursor memory cursor) internal pure returns (uint256) {
        return u32At(take(cursor, 4));
    }

    function u32At(uint256 pos) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            let w := calldataload(pos)
            value := or(or(byte(0, w), shl(8, byte(1, w))), or(shl(16, byte(2, w)), shl(24, byte(3, w))))
        }
    }

    function u64(Cursor memory cursor) internal pure returns (uint256 value) {
        value = u32(cursor);
        return value | (u32(cursor) << 32);
    }

    /// SHA-256 of a text that stands behind its length.
    function text(Cursor memory cursor) internal pure returns (bytes32) {
        uint256 count = u32(cursor);
        uint256 pos = take(cursor, count);
        return sha256(msg.data[pos:pos + count]);
    }

    /// SHA-256 of `tag` and what was read since `from`.
    function hashSince(Cursor memory cursor, uint256 from, bytes32 tag) internal view returns (bytes32 digest) {
        bool hashed;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let count := sub(mload(cursor), from)
            mstore(free, tag)
            calldatacopy(add(free, 0x20), from, count)
            hashed := and(eq(returndatasize(), 0x20), staticcall(gas(), 2, free, add(count, 0x20), 0x00, 0x20))
            digest := mload(0x00)
        }
        if (!hashed) revert HashFailed();
    }

    /// Every proof has to be used up.
    function done(Cursor memory cursor) internal pure {
        if (cursor.pos != cursor.end) revert TrailingBytes(cursor.end - cursor.pos);
    }

    /// The bytes of a 32-bit word in the opposite order.
    function swap32(uint256 value) internal pure returns (uint256) {
        unchecked {
            value = ((value >> 8) & 0x00ff00ff) | ((value & 0x00ff00ff) << 8);
            return (value >> 16) | ((value & 0xffff) << 16);
        }
    }
}
