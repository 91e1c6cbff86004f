import { expect } from 'chai';
import { encodeModel, evaluate, GensynError, lintModel, randomGraph, RULES, toOnnx } from '../src/index.js';
import { step } from './step-graph.js';

/** Every kind of damage in turn: a byte changed, cut short, a stretch repeated, a stretch removed. */
function damaged(bytes: Uint8Array, n: number): Uint8Array {
  const at = (n * 7919) % bytes.length;
  const copy = bytes.slice();
  if (n % 4 === 0) copy[at]! ^= 1 << (n % 8);
  if (n % 4 === 1) return copy.slice(0, at);
  if (n % 4 === 2) return Uint8Array.of(...copy.slice(0, at), ...copy.slice(at, at + 40), ...copy.slice(at));
  if (n % 4 === 3) return Uint8Array.of(...copy.slice(0, at), ...copy.slice(at + 1 + (n % 5)));
  return copy;
}

describe('lint of damaged files', () => {
  const codes = new Set<string>(Object.values(RULES).map(({ code }) => code));

  it('ends in named errors, violations, or a graph that still runs', function () {
    this.timeout(60_000);
    const sources = [step().build(), ...[1, 2, 3, 4, 5, 6, 7].map((seed) => randomGraph(seed).graph)];
    const ends = { refused: 0, violations: 0, accepted: 0 };
    for (const graph of sources) {
      const bytes = encodeModel(toOnnx(graph, { name: 'test' }));
      for (let n = 0; n < 500; n++) {
        try {
          const lint = lintModel(damaged(bytes, n));
          for (const { code } of lint.violations) expect(codes).to.include(code);
          if (lint.violations.length > 0) ends.violations++;
          else {
            ends.accepted++;
            expect(() => evaluate(lint.graph!, {})).to.throw(GensynError);
          }
        } catch (error) {
          if (!(error instanceof GensynError)) throw error;
          ends.refused++;
        }
      }
    }
    expect(
      Object.values(ends).every((count) => count > 10),
      JSON.stringify(ends),
    ).to.equal(true);
  });
});
