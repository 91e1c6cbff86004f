/** gensyn referee: elements of a real step, computed on a local chain. */
import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface Checked {
  readonly operator: string;
  readonly terms: number;
  readonly place?: string;
  readonly source?: string;
  readonly operands: readonly { readonly value: number }[];
  readonly here: { readonly bits: string };
  readonly chain: { readonly bits: string };
  readonly agree: boolean;
  readonly gas: number;
}

interface Step {
  readonly nodes: readonly { readonly node: number; readonly operator: string; readonly elements: number }[];
}

describe('referee', () => {
  const folder = temporaryFolder();
  const at = { cwd: folder };
  before(() => writeTinyJob(folder));

  it('agrees on an element of each family, and names the place in the job', async () => {
    const { document: step } = await gensynJson<Step>(['inspect', 'job.gml', '--step', '2'], at);
    for (const operator of ['Input', 'Mul', 'Transpose', 'Dot', 'ReduceMax']) {
      const { node, elements } =
        step.nodes.find((each) => each.operator === operator && each.elements > 1) ??
        step.nodes.find((each) => each.operator === operator)!;
      const asked = [
        'referee',
        'job.gml',
        '--step',
        '2',
        '--node',
        String(node),
        '--element',
        String(elements - 1),
      ];
      const { code, document } = await gensynJson<Checked>(asked, at);
      expect(code, operator).to.equal(0);
      expect(document.agree).to.equal(true);
      expect(document.chain.bits).to.equal(document.here.bits);
      expect(document.gas).to.be.above(21_000);
      if (operator !== 'Dot') continue;
      expect(document.operands).to.have.length(2 * document.terms);
      const text = readFileSync(join(folder, 'job.gml'), 'utf8').split('\n');
      expect(text.map((line) => line.trim())).to.include(document.source);
      const { document: term } = await gensynJson<Checked>([...asked, '--term', '1'], at);
      expect(term.agree).to.equal(true);
      expect(term.operands).to.have.length(2);
    }
  });

  it('says what is not there', async () => {
    const { code, stderr } = await gensyn(['referee', 'job.gml', '--node', '9999'], at);
    expect(code).to.equal(2);
    expect(stderr).to.contain('U0402');
    expect((await gensyn(['referee', 'job.gml', '--node', '1', '--element', '99999'], at)).stderr).to.contain(
      'V0401',
    );
    writeFileSync(join(folder, 'broken.onnx'), 'nothing');
    expect((await gensyn(['referee', 'broken.onnx', '--node', '1'], at)).code).to.be.above(0);
  });
});
