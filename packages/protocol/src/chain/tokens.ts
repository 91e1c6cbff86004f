/** Amounts of the token as people write them: 18 decimals on chain, as few as needed here. */
import { GensynError } from '@gensyn/ir';
import { formatUnits, parseUnits } from 'ethers';

/** `12.5 GEN`; beyond six decimals a sum is cut. */
export function tokens(amount: bigint): string {
  return `${plainTokens(amount)} GEN`;
}

/** `12.5`. */
export function plainTokens(amount: bigint): string {
  const [whole, part = ''] = formatUnits(amount, 18).split('.');
  const digits = part.slice(0, 6).replace(/0+$/, '');
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}${digits === '' ? '' : `.${digits}`}`;
}

/** The smallest units of `12.5`. Errors: U0109. */
export function parseTokens(text: string): bigint {
  const plain = text.trim().replace(/ ?GEN$/i, '');
  if (!/^\d{1,30}(\.\d{1,18})?$/.test(plain))
    throw new GensynError('U0109', `'${text}' is no amount`, { help: 'amounts are written 12 or 12.5' });
  return parseUnits(plain, 18);
}
