import { expect } from 'chai';
import { constantTensorRoot, tensorRoot } from '../src/index.js';

describe('constantTensorRoot', () => {
  it('equals the root of the filled tensor for every size around the powers of two', () => {
    for (const value of [0, 1]) {
      for (const count of [
        1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 1000, 4096, 4097, 33000,
      ]) {
        const data = new Float32Array(count).fill(value);
        const bytes = new Uint8Array(data.buffer);
        const root = constantTensorRoot('f32', [count], bytes.slice(0, 4));
        expect(Buffer.from(root).toString('hex'), `${count} times ${value}`).to.equal(
          Buffer.from(tensorRoot('f32', [count], bytes)).toString('hex'),
        );
      }
    }
  });
});
