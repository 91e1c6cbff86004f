/** Every broken job in test/snapshots/broken ends in exactly the diagnostics recorded beside it. */
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderDiagnostics } from '../../src/diagnostics/render.js';
import { languageExplanations } from '../../src/diagnostics/explanations.js';
import { check } from '../../src/semantics/check.js';

const folder = fileURLToPath(new URL('../../../test/snapshots/broken', import.meta.url));
const cases = readdirSync(folder).sort();

/** `// set: width = 64` in the first line stands for `--set width=64`. */
function setting(text: string): Record<string, string> {
  const found = /^\/\/ set: (\w+) = (.*)$/m.exec(text.split('\n', 1)[0]!);
  return found === null ? {} : { [found[1]!]: found[2]! };
}

function diagnose(name: string) {
  const text = readFileSync(join(folder, name, 'input.gml'), 'utf8');
  const readFile = (path: string) => readFileSync(join(folder, name, path), 'utf8');
  return check({ path: 'input.gml', text }, readFile, { set: setting(text) });
}

describe('broken jobs', () => {
  it('are at least sixty', () => {
    expect(cases.length).to.be.at.least(60);
  });

  for (const name of cases) {
    it(name, () => {
      const { program, diagnostics, sources } = diagnose(name);
      expect(program).to.equal(undefined);
      expect(diagnostics).to.not.be.empty;
      const rendered = renderDiagnostics(diagnostics, sources);
      const golden = join(folder, name, 'output.txt');
      if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(golden, rendered);
      expect(existsSync(golden), 'no recorded output: run with UPDATE_SNAPSHOTS=1').to.equal(true);
      expect(rendered).to.equal(readFileSync(golden, 'utf8'));
    });
  }

  it('differ from one another', () => {
    const outputs = cases.map((name) => readFileSync(join(folder, name, 'output.txt'), 'utf8'));
    expect(new Set(outputs).size).to.equal(cases.length);
  });

  it('meet every code of the language that a small job can meet', () => {
    const met = new Set(cases.flatMap((name) => diagnose(name).diagnostics.map((each) => each.code)));
    // Covered by limits.test.ts: they need large texts.
    const large = new Set(['L0120', 'L0124', 'L0126']);
    const rest = languageExplanations
      .map((each) => each.code)
      .filter((code) => !met.has(code) && !large.has(code));
    expect(rest).to.deep.equal([]);
  });
});
