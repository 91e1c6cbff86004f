import { nodePairHasher, openChunk, setPairHasher, tensorTree } from '@gensyn/ir';
import { expect } from 'chai';
import { installFastHash } from '../src/commit/hash.js';

describe('commit: fast hash', () => {
  it('gives the roots and paths of the plain one at every size', async function () {
    const which = await installFastHash();
    // The package has no build for some platforms; there is nothing to compare then.
    if (which === 'node') this.skip();
    const fast = setPairHasher(nodePairHasher);
    expect(fast).to.not.equal(nodePairHasher);
    const sizes = [0, 1, 32, 33, 64, 95, 96, 97, 500, 1000, 4096, 10_000, 131_072, 131_073, 300_001];
    try {
      for (const size of sizes) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => Math.imul(i, 40503) >>> 7);
        setPairHasher(nodePairHasher);
        const plain = tensorTree(bytes);
        const last = Math.max(0, plain.chunks - 1);
        const plainPath = size > 0 ? openChunk(plain, bytes, last).path : [];
        setPairHasher(fast);
        expect(tensorTree(bytes), String(size)).to.deep.equal(plain);
        if (size > 0) expect(openChunk(plain, bytes, last).path).to.deep.equal(plainPath);
      }
    } finally {
      setPairHasher(fast);
    }
  });
});
