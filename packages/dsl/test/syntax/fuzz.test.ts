/** A short run of the fuzzer with fixed seeds; `npm run fuzz` runs 100,000. */
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutate, randomFrom } from './mutate.js';
import { survive } from './survive.js';

const folder = fileURLToPath(new URL('../../../test/snapshots/jobs', import.meta.url));
const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

describe('damaged jobs', () => {
  it('1500 of them end in diagnostics or in a program', function () {
    this.timeout(60_000);
    const outcomes = { program: 0, diagnostics: 0 };
    for (let seed = 0; seed < 1500; seed++)
      outcomes[survive(mutate([...files.values()], randomFrom(seed)), files).outcome]++;
    // Otherwise the damage is too small, or too large, to say anything.
    expect(outcomes.program).to.be.greaterThan(20);
    expect(outcomes.diagnostics).to.be.greaterThan(1000);
  });

  for (const [what, text] of [
    ['a brace that closes nothing inside a declaration', 'let}'],
    ['the same in a block', 'fn f(h) {\n  let }\n}\n}\nfn g( }'],
    ['brackets of every kind, never closed', '([{'.repeat(40)],
    ['twenty thousand brackets', '('.repeat(20_000)],
    ['twenty thousand signs', `let a = ${'-'.repeat(20_000)}1`],
    ['a sum of twenty thousand', `let a = ${'1 + '.repeat(20_000)}1`],
    ['twenty thousand errors', '= \n'.repeat(20_000)],
    ['twenty thousand unknown characters', '@'.repeat(20_000)],
    ['five thousand unknown names', Array.from({ length: 5_000 }, (_, i) => `let a${i} = b${i}`).join('\n')],
    ['nothing but a byte order mark', '\ufeff'],
    ['a lone surrogate in a string', 'param a = "\ud800"'],
    ['names of every object', 'let a = toString + __proto__.constructor + hasOwnProperty(constructor = 1)'],
  ] as const) {
    it(what, function () {
      this.timeout(20_000);
      expect(survive(text, files).outcome).to.equal('diagnostics');
    });
  }
});
