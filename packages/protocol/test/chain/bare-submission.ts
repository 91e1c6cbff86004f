/** A submission that the market takes and nobody could work on: for tests of what the chain does with it. */
import { LIST_TAG, sha256 } from '@gensyn/ir';
import { hexlify, ZeroHash, zeroPadValue, toBeHex, getBytes } from 'ethers';
import type { MarketClient } from '../../src/chain/index.js';

const TOKEN = 10n ** 18n;
const ENTRIES = 4;

export async function bareSubmission(client: MarketClient, more: { readonly artefacts?: string } = {}) {
  const graph = hexlify(sha256(LIST_TAG, getBytes(zeroPadValue(toBeHex(ENTRIES), 32)), getBytes(ZeroHash)));
  return {
    job: {
      graph,
      data: ZeroHash,
      init: `0x${'05'.repeat(32)}`,
      seed: 1,
      batch: 1,
      steps: 640,
      interval: 40,
      holdout: 0,
    },
    entries: ENTRIES,
    graphTree: ZeroHash,
    parent: 0,
    segment: 640,
    rewardMin: 10n * TOKEN,
    rewardMax: 10n * TOKEN,
    rise: 0,
    workTime: 1000,
    deadline: (await client.now()) + 10_000,
    artefacts: 'cid',
    ...more,
  };
}
