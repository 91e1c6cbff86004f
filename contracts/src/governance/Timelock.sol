// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Where decisions wait before they take effect. Anyone may execute one that is due.
/// @notice `founder` can only name the council, once, and gives that right up by doing so.
contract Timelock is TimelockController {
    constructor(uint256 delay, address founder) TimelockController(delay, new address[](0), new address[](1), founder) {}

    function appoint(address council) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _grantRole(PROPOSER_ROLE, council);
        _grantRole(CANCELLER_ROLE, council);
        _revokeRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }
}
