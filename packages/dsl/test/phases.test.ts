/** The input gradient of convolutions with strides against the sum that defines it, over windows of all kinds, in integers and so exactly. */
import { expect } from 'chai';
import { evaluate } from '@gensyn/ir';
import { convolutionInputGradient } from '../src/lowering/convolution.js';
import { stepContext } from '../src/lowering/step-context.js';
import type { Tensor } from '../src/tensor/tensor.js';
import { placesAlong } from '../src/tensor/windows.js';

/** Numbers 0..below - 1, the same on every run. */
function numbers(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >> 8) % below;
  };
}

describe('the input gradient of a convolution with strides', () => {
  it('is that of its definition', () => {
    const next = numbers(3);
    let tried = 0;
    while (tried < 60) {
      const [h, w, kh, kw, sh, sw] = [7, 6, 4, 5, 3, 4].map((below) => 1 + next(below)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const pads = [next(kh), next(kw), next(kh), next(kw)] as const;
      const [ph, pw] = [placesAlong(h, kh, sh, pads[0], pads[2]), placesAlong(w, kw, sw, pads[1], pads[3])];
      if (ph < 1 || pw < 1 || (sh === 1 && sw === 1)) continue;
      tried++;
      const groups = 1 + next(2);
      const [n, each, c] = [2, 2, 1 + next(2)];
      const o = groups * each;
      const integers = (size: number): Float32Array =>
        Float32Array.from({ length: size }, () => next(15) - 7);
      const [g, k] = [integers(n * o * ph * pw), integers(o * c * kh * kw)];
      const wanted = new Float32Array(n * groups * c * h * w);
      for (let b = 0; b < n; b++)
        for (let q = 0; q < o; q++)
          for (let d = 0; d < c; d++)
            for (let i = 0; i < ph * pw; i++)
              for (let e = 0; e < kh * kw; e++) {
                const y = Math.floor(i / pw) * sh + Math.floor(e / kw) - pads[0];
                const x = (i % pw) * sw + (e % kw) - pads[1];
                if (y < 0 || x < 0 || y >= h || x >= w) continue;
                const channel = Math.floor(q / each) * c + d;
                wanted[((b * groups * c + channel) * h + y) * w + x]! +=
                  g[(b * o + q) * ph * pw + i]! * k[(q * c + d) * kh * kw + e]!;
              }
      const ctx = stepContext({ precision: 3, training: true, steps: 1, datasets: [] });
      const tensor = {
        shape: [n, groups * c, h, w],
        attributes: { kernel: [kh, kw], strides: [sh, sw], pads, dilations: [1, 1], groups },
      } as unknown as Tensor;
      const value = convolutionInputGradient(
        ctx,
        [ctx.builder.constant(g, [n, o, ph, pw]), ctx.builder.constant(k, [o, c, kh, kw])],
        tensor,
      );
      ctx.builder.output('gradient', value, 'metric');
      const graph = ctx.builder.build();
      const values = evaluate(graph, { step: { dtype: 'i32', shape: [], data: Int32Array.of(0) } });
      const found = values[graph.outputs.find(({ name }) => name === 'gradient')!.node]!;
      expect(found.shape).to.deep.equal(tensor.shape);
      expect([...found.data], JSON.stringify(tensor)).to.deep.equal([...wanted]);
    }
  });
});
