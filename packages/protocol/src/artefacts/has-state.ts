/** Whether the state of a record is published, and is the one: without ever holding more than a tensor of it. */
import fs from 'node:fs';
import path from 'node:path';
import { bytesOf, GensynError, sameType, stateRoot, tensorRoot, type Manifest } from '@gensyn/ir';
import { outlined } from '@gensyn/runtime';
import type { Store } from '../storage/store.js';
import { stateFile, type ClaimRecord } from './claim-file.js';
import { stateLimit } from './fetch-claim.js';

/** Leaves nothing in `folder`. Errors: N0501, N0502, N0503, N0504; N0506 where it is another one. */
export async function hasState(
  store: Store,
  cid: string,
  manifest: Manifest,
  { step, stateRoot: expected }: Pick<ClaimRecord, 'step' | 'stateRoot'>,
  folder: string,
): Promise<void> {
  const file = path.join(folder, path.basename(stateFile(step)));
  try {
    await store.fetch(cid, stateFile(step), stateLimit(manifest), file);
    const root = rootIn(file, manifest);
    if (root !== expected)
      throw new GensynError('N0506', `the published state after ${step} steps is not the claimed one`);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** Undefined where it is no state of that job. */
function rootIn(file: string, { state }: Manifest): string | undefined {
  try {
    return outlined(file, ({ names, read }) => {
      if (names.length !== state.length) return undefined;
      const entries = state.map((entry) => {
        const found = read(entry.name);
        if (!found || !sameType(found, entry))
          throw new GensynError('R0201', `'${entry.name}' is another one`);
        const { name, dtype, shape } = entry;
        return { name, dtype, shape, root: tensorRoot(dtype, shape, bytesOf(found.data)) };
      });
      return Buffer.from(stateRoot(entries)).toString('hex');
    });
  } catch (error) {
    if (error instanceof GensynError && error.code === 'R0201') return undefined;
    throw error;
  }
}
