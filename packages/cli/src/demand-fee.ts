/** The flag of roles that may have to pay for a piece of a state which nobody gives them. */
import { Flags } from '@oclif/core';

/** @param dependsOn flags without which it means nothing */
export const demandFee = (...dependsOn: string[]) =>
  Flags.string({
    helpValue: 'tokens',
    description:
      'The most to pay for a demand to show a piece of what cannot be had; by default what is won by one that nobody answers.',
    dependsOn,
  });
