/** The code of the error that an action ends in; undefined if it succeeds. */
import { GensynError } from '@gensyn/ir';

export async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof GensynError) return error.code;
    throw error;
  }
}
