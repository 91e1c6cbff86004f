// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice What the tests use of forge's cheat codes (https://getfoundry.sh/reference/cheatcodes/overview).
interface Vm {
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function deal(address account, uint256 balance) external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function prevrandao(bytes32 value) external;
}

/// @notice Assertions that say what was found instead. `IS_TEST` and `failed` are forge's convention.
abstract contract Test {
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address[] private _targets;

    error NotEqual(bytes32 found, bytes32 wanted);
    error NotTrue(string what);

    /// The contracts that an invariant test calls; none restricts it not.
    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    function target(address account) internal {
        _targets.push(account);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function assertEq(uint256 found, uint256 wanted) internal pure {
        if (found != wanted) revert NotEqual(bytes32(found), bytes32(wanted));
    }

    function assertEq(bytes32 found, bytes32 wanted) internal pure {
        if (found != wanted) revert NotEqual(found, wanted);
    }

    /// `a` where it lies from `lo` to `hi`, else something that does.
    function bound(uint256 a, uint256 lo, uint256 hi) internal pure returns (uint256) {
        return a >= lo && a <= hi ? a : lo + a % (hi - lo + 1);
    }
}
