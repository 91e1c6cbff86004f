// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Values} from "../governance/Parameters.sol";

/// @title Every account's money in the market, and the four ways in which it moves.
/// @notice paid in = paid out + burned + free + locked + jackpot, always. Nothing is ever sent to anybody but by their own `withdraw`.
/// What is burned belongs to nobody from that moment on; `burn` takes it out of the supply, for many verdicts at once.
abstract contract Ledger {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    error TooLittle(address account, uint256 free, uint256 needed);

    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    /// @param winner The zero address for nobody, or for those who are right against a claim: `won` waits for them.
    event Slashed(uint256 amount, address indexed winner, uint256 won, uint256 burned);

    uint256 private constant MILLION = 1_000_000;

    IERC20 public immutable token;
    /// What an account may stake or withdraw.
    mapping(address => uint256) public free;
    /// Escrows, stakes and bonds.
    uint128 public totalLocked;
    uint128 public jackpot;
    uint128 public totalBurned;
    uint128 public totalIn;
    uint128 public totalOut;
    /// Of what was burned: what has left the supply.
    uint128 public totalDestroyed;

    constructor(IERC20 token_) {
        token = token_;
    }

    function deposit(uint256 amount) public {
        _credit(msg.sender, amount);
        totalIn += amount.toUint128();
        emit Deposited(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// With a signature in place of an approval. A permit that somebody else has used already does no harm.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        deposit(amount);
    }

    function withdraw(uint256 amount) external {
        _debit(msg.sender, amount);
        totalOut += amount.toUint128();
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// Takes what was burned out of the token's supply, by anyone. No verdict has to pay for that.
    function burn() external {
        uint128 amount = totalBurned - totalDestroyed;
        totalDestroyed += amount;
        ERC20Burnable(address(token)).burn(amount);
    }

    function _lock(address account, uint256 amount) internal {
        _debit(account, amount);
        totalLocked += amount.toUint128();
    }

    function _unlock(address account, uint256 amount) internal {
        totalLocked -= amount.toUint128();
        _credit(account, amount);
    }

    /// Takes from what is locked. Without a winner its share goes to the jackpot.
    function _slash(uint256 amount, address winner, Values memory v) internal {
        (uint256 burned, uint256 prize, ) = _divide(amount, 0, 0, v);
        if (winner != address(0)) {
            _unlock(winner, prize);
        } else {
            _forfeit(prize);
            prize = 0;
        }
        emit Slashed(amount, winner, prize, burned);
    }

    /// Of what is locked a part is burned. The prize, with its bonus, and a fee for each of `members` stay locked; the rest is the jackpot's.
    /// @param wanted Fees of all members together. With the bonus they are at most a third: whoever slashes itself loses a third.
    function _divide(uint256 amount, uint256 wanted, uint256 members, Values memory v)
        internal
        returns (uint256 burned, uint256 prize, uint256 fee)
    {
        burned = (amount * v.burnShare + MILLION - 1) / MILLION;
        prize = amount * v.winnerShare / MILLION;
        uint256 rest = amount - burned - prize;
        uint256 third = amount / 3;
        if (members > 0) {
            uint256 most = rest < third ? rest : third;
            fee = (wanted < most ? wanted : most) / members;
            (rest, third) = (rest - fee * members, third - fee * members);
        }
        uint256 bonus = uint256(jackpot) * v.bonusShare / MILLION;
        if (bonus > third) bonus = third;
        prize += bonus;
        totalLocked -= (burned + rest - bonus).toUint128();
        jackpot = (jackpot + rest - bonus).toUint128();
        totalBurned += burned.toUint128();
    }

    /// From what is locked to the jackpot.
    function _forfeit(uint256 amount) internal {
        totalLocked -= amount.toUint128();
        jackpot += amount.toUint128();
    }

    function _debit(address account, uint256 amount) private {
        uint256 held = free[account];
        if (held < amount) revert TooLittle(account, held, amount);
        free[account] = held - amount;
    }

    function _credit(address account, uint256 amount) private {
        free[account] += amount;
    }
}
