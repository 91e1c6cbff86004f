/** Flags of roles that may have to pay for a piece of a state which nobody gives them. */
import { Flags } from '@oclif/core';

export interface DemandFlags {
  readonly 'demand-fee'?: string | undefined;
  readonly 'demand-budget'?: string | undefined;
}

/** @param dependsOn flags without which they mean nothing */
export const demandFlags = (...dependsOn: string[]) => ({
  'demand-fee': Flags.string({
    helpValue: 'tokens',
    description:
      'The most to pay for a demand to show a piece of what cannot be had; by default what is won by one that nobody answers.',
    dependsOn,
  }),
  'demand-budget': Flags.string({
    helpValue: 'tokens',
    description: 'The most to pay for all demands within a day; by default the price of five.',
    dependsOn,
  }),
});

export function demandOptions(
  { 'demand-fee': fee, 'demand-budget': budget }: DemandFlags,
  parse: (text: string) => bigint,
): { readonly mostFee?: bigint; readonly budget?: bigint } {
  return {
    ...(fee === undefined ? {} : { mostFee: parse(fee) }),
    ...(budget === undefined ? {} : { budget: parse(budget) }),
  };
}
