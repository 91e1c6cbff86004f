/** The examples of the language reference are in the language, and in its layout. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from '../../src/format/format.js';
import { check } from '../../src/semantics/check.js';
import * as semantics from '../../src/semantics/limits.js';
import * as syntax from '../../src/syntax/limits.js';

const page = readFileSync(fileURLToPath(new URL('../../../../../docs/language.md', import.meta.url)), 'utf8');
const examples = [...page.matchAll(/```gml\n(.*?)```/gs)].map((each) => each[1]!);

describe('docs/language.md', () => {
  it('has examples', () => {
    expect(examples.length).to.be.greaterThan(5);
  });
  examples.forEach((example, index) => {
    it(`example ${index + 1}`, () => {
      expect(format(example)).to.equal(example);
      const { diagnostics } = check({ path: 'job.gml', text: example }, () => undefined);
      // Pieces of a job lack a train block, and nothing else.
      const codes = diagnostics.map((each) => each.code).filter((code) => code !== 'L0501');
      expect(codes).to.deep.equal([]);
    });
  });
  it('states the limits as they are', () => {
    const limits = page.slice(page.indexOf('## Limits'), page.indexOf('## Grammar'));
    const stated = [
      syntax.MAX_SOURCE_LENGTH,
      syntax.MAX_NESTING,
      semantics.MAX_DEPTH,
      semantics.MAX_FILES,
      semantics.MAX_IMPORT_DEPTH,
      semantics.MAX_REPEAT,
      semantics.MAX_FUNCTIONS,
      semantics.MAX_CALLS,
      semantics.MAX_EVALUATIONS,
      semantics.MAX_ELEMENTS,
      semantics.MAX_PARAMETERS,
    ];
    expect(
      [...limits.matchAll(/\d[\d,]*(?=[, |])/g)].map((each) => Number(each[0].replaceAll(',', ''))),
    ).to.deep.equal(stated);
  });
});
