/** How diagnostics are shown. */
import { expect } from 'chai';
import { DiagnosticsError } from '../../src/diagnostics/diagnostics-error.js';
import { diagnosticsJson, renderDiagnostics } from '../../src/diagnostics/render.js';
import { didYouMean, editDistance } from '../../src/diagnostics/suggest.js';
import { languageExplanations } from '../../src/diagnostics/explanations.js';
import { check, checkOrThrow } from '../../src/semantics/check.js';

const diagnose = (text: string) => check({ path: 'job.gml', text }, () => undefined);

describe('renderDiagnostics', () => {
  it('underlines the place, after tabs and wide lines too', () => {
    const { diagnostics, sources } = diagnose('\tlet a = b');
    expect(renderDiagnostics(diagnostics.slice(1, 2), sources)).to.contain(
      ' 1 |     let a = b\n   |             ^\n',
    );
    const long = diagnose(`let a = ${'1 + '.repeat(200)}b`);
    const lines = renderDiagnostics(long.diagnostics, long.sources).split('\n');
    const under = lines.findIndex((line) => /^ +\| +\^$/.test(line));
    expect(lines[under - 1]!.charAt(lines[under]!.indexOf('^'))).to.equal('b');
    expect(lines[under]!.length).to.be.lessThan(130);
  });

  it('uses colour only when asked', () => {
    const { diagnostics, sources } = diagnose('let a = b');
    expect(renderDiagnostics(diagnostics, sources)).to.not.contain('\u001b');
    expect(renderDiagnostics(diagnostics, sources, { color: true })).to.contain('\u001b[31m');
  });

  it('shows nothing that moves the cursor', () => {
    const { diagnostics, sources } = diagnose('let a = "\u001b[2J\u202e" + \u0007 1');
    // eslint-disable-next-line no-control-regex
    expect(renderDiagnostics(diagnostics, sources)).to.not.match(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('has a form for programs', () => {
    const { diagnostics } = diagnose('let a = 1\nlet a = 2');
    const twice = diagnosticsJson(diagnostics).find((each) => each.code === 'L0203');
    expect(twice).to.deep.equal({
      code: 'L0203',
      message: "'a' is declared twice",
      file: 'job.gml',
      offset: 14,
      length: 1,
      line: 2,
      column: 5,
      notes: [{ message: 'first declared here', file: 'job.gml', line: 1, column: 5 }],
    });
  });

  it('comes as one error that holds all', () => {
    expect(() => checkOrThrow({ path: 'job.gml', text: 'let a = b\nlet c = d' }, () => undefined))
      .to.throw(DiagnosticsError)
      .that.includes({ code: 'L0501' })
      .and.has.property('diagnostics')
      .with.length(3);
  });
});

describe('didYouMean', () => {
  for (const [written, meant] of [
    ['rellu', 'relu'],
    ['lineer', 'linear'],
    ['Relu', 'relu'],
    ['x', undefined],
    ['transformer', undefined],
  ] as const) {
    it(`${written}: ${meant ?? 'nothing'}`, () => {
      expect(didYouMean(written, ['linear', 'relu', 'gelu', 'y'])).to.equal(
        meant && `did you mean '${meant}'?`,
      );
    });
  }
  it('counts a swap as one edit', () => {
    expect(editDistance('lable', 'label', 3)).to.equal(1);
    expect(editDistance('abc', 'xyz', 2)).to.equal(3);
  });
});

describe('languageExplanations', () => {
  it('has one entry a code, in order', () => {
    const codes = languageExplanations.map((each) => each.code);
    expect(codes).to.deep.equal([...new Set(codes)].sort());
  });
});
