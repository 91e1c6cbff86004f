/** Which failures are the doing of whoever published artefacts. */
import { GensynError } from '@gensyn/ir';

/**
 * Whether a verifier may say that artefacts cannot be had: they are missing (N0501), malformed (N0502) or others (N0506). Where no store
 * answers (N0504) or the own disk fails (N0503) nothing is known of them.
 */
export function isUnavailable(error: unknown): boolean {
  return error instanceof GensynError && ['N0501', 'N0502', 'N0506'].includes(error.code);
}
