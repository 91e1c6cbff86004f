/** Every code that any package throws has an explanation. */
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { allExplanations } from '../src/explanations.js';
import { gensyn, gensynJson, ROOT } from './gensyn.js';

/** Codes written in the sources of the packages, and the file of each. */
function codesInSources(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const folder = join(ROOT, 'packages', name, 'src');
    for (const file of readdirSync(folder, { recursive: true }) as string[]) {
      if (!file.endsWith('.ts') || file.endsWith('explanations.ts')) continue;
      // Comments name ranges of codes; only what is thrown counts.
      for (const [, code] of readFileSync(join(folder, file), 'utf8').matchAll(/['"]([LDGRVUN]\d{4})['"]/g)) {
        codes.set(code!, join('packages', name, 'src', file));
      }
    }
  }
  return codes;
}

describe('explain', () => {
  it('knows every code in the sources', async () => {
    const known = new Set((await allExplanations()).map(({ code }) => code));
    const codes = codesInSources();
    expect(codes.size).to.be.greaterThan(50);
    const missing = [...codes]
      .filter(([code]) => !known.has(code))
      .map(([code, file]) => `${code} (${file})`);
    expect(missing).to.deep.equal([]);
  });

  it('has one title and text for each code', async () => {
    for (const { code, title, text } of await allExplanations()) {
      expect(code).to.match(/^[LDGRVUN]\d{4}$/);
      expect(title, code).to.match(/\S/);
      expect(text, code).to.match(/\S/);
    }
  });

  it('gives each code one meaning in all packages', async () => {
    const lists = [await import('@gensyn/dsl'), await import('@gensyn/ir'), await import('@gensyn/runtime')];
    const more = [await import('@gensyn/verifier'), await import('@gensyn/protocol')];
    const titles = new Map<string, string>();
    for (const module of [...lists, ...more] as object[]) {
      for (const [name, list] of Object.entries(module)) {
        if (!/explanations$/i.test(name)) continue;
        for (const { code, title } of list as { code: string; title: string }[]) {
          expect(titles.get(code) ?? title, code).to.equal(title);
          titles.set(code, title);
        }
      }
    }
    expect(titles.size).to.be.greaterThan(100);
  });

  it('shows one, in either case of letters, or lists all', async () => {
    expect((await gensyn(['explain', 'g0105'])).stdout).to.include('G0105');
    expect((await gensynJson(['explain', 'G0105'])).document).to.have.keys('code', 'title', 'text');
    const { stdout } = await gensyn(['explain']);
    for (const { code } of await allExplanations()) expect(stdout).to.include(code);
  });
});
