// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Test} from "./Test.sol";

interface Files {
    function readLine(string calldata path) external view returns (string memory line);
    function parseBytes(string calldata hexadecimal) external pure returns (bytes memory);
    function etch(address account, bytes calldata code) external;
    function getCode(string calldata name) external view returns (bytes memory creationCode);
}

/// @notice Repeats the calls that the tests in TypeScript made, so that coverage counts them; `npm run coverage:contracts` records them.
/// Each call must again succeed or be refused: by code that was compiled otherwise.
contract ReplayTest is Test {
    Files private constant files = Files(address(vm));
    string private constant CALLS = ".cache/forge/calls.txt";

    error NotDeployed(string name);
    error EndedOtherwise(uint256 line, string name, bool succeeded);

    function test_replay() external {
        for (uint256 line = 1;; line++) {
            string memory text = files.readLine(CALLS);
            if (bytes(text).length == 0) break;
            (string memory name, address account, bytes memory arguments, bytes memory data, bool succeeded) =
                abi.decode(files.parseBytes(text), (string, address, bytes, bytes, bool));
            if (account.code.length == 0) _deploy(name, account, arguments);
            if (data.length == 0) continue;
            (bool again,) = account.staticcall(data);
            if (again != succeeded) revert EndedOtherwise(line, name, again);
        }
    }

    /// The code of "Source.sol:Contract", put at the address that other contracts know it by.
    function _deploy(string memory name, address account, bytes memory arguments) private {
        bytes memory code = bytes.concat(files.getCode(name), arguments);
        address created;
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
        }
        if (created == address(0)) revert NotDeployed(name);
        files.etch(account, created.code);
    }
}
