/** Text from trained models: short jobs learn a pattern by heart, and go on with it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { compileJob } from '@gensyn/dsl';
import { GensynError } from '@gensyn/ir';
import { loadJob, openCpu, openFloatModel } from '@gensyn/runtime';
import { programOfRun, trainedModel } from '../src/export-onnx.js';
import { continueText } from '../src/sample/continue-text.js';
import { drawToken } from '../src/sample/draw-token.js';
import { textModel, type TextModel } from '../src/sample/text-model.js';
import { decoder, encode } from '../src/sample/vocabulary.js';
import { storedState } from '../src/trained-state.js';
import { trainExample } from './example.js';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface Parts {
  readonly text: string;
  readonly data: string;
  readonly model: string;
  readonly steps: number;
}

/** A job that learns `book.next` from `book.here`. */
const source = ({ data, model, steps }: Omit<Parts, 'text'>): string => `
data book from "text.txt" {
${data}
}
${model}
train {
  model = m(book.here)
  loss = cross_entropy(model, book.next)
  optimizer = adam(lr = 2e-2)
  batch = 8
  steps = ${steps}
  seed = 1
}
verify { checkpoint every ${steps} steps; sample 10% }
`;

const PATTERN = 'the whale! ';
const causal = (steps: number): Parts => ({
  text: PATTERN.repeat(20),
  data: 'here: class[9][12] = chars 0..11 of text\n next: class[9][12] = chars 1..12 of text',
  model: `model m(x: i32[n, t]) -> f32[n, t, 9] {
    let letters = table(9, 16)
    linear(layer_norm(gpt_block(positions(lookup(x, letters)), 2)), 9)
  }`,
  steps,
});
const flat = (window: number, classes: number, out: string): string =>
  `model m(x: i32[n, ${window}]) -> f32[${out}] {
    let h = tanh(linear(reshape(embedding(x, ${classes}, 8), ${window * 8}), 32))
    ${out.includes(`, ${window},`) ? `reshape(linear(h, ${window * classes}), ${window}, ${classes})` : `linear(h, ${classes})`}
  }`;

describe('sample', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  function write(name: string, { text, ...parts }: Parts): string {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'text.txt'), text);
    writeFileSync(join(place, 'job.gml'), source(parts));
    return place;
  }

  /** Trains a job and gives what continues a prompt with its likeliest tokens. */
  async function trained(
    name: string,
    parts: Parts,
  ): Promise<{ text: TextModel; greedy: (prompt: string, tokens: number) => Promise<string> }> {
    const place = write(name, parts);
    await compileJob({ job: join(place, 'job.gml'), out: join(place, 'out') });
    const job = await loadJob(join(place, 'out'));
    await trainExample(job, join(place, 'run'), await openCpu({ threads: 1 }));
    const program = await programOfRun(join(place, 'job.gml'), job.manifest, 1);
    const text = textModel(program, job.manifest);
    const { state } = await storedState(join(place, 'run'), job);
    const model = await openFloatModel(await trainedModel(program, job.manifest, state), 1);
    const greedy = async (prompt: string, tokens: number): Promise<string> => {
      const shown = decoder(text);
      let written = '';
      const wanted = { prompt: encode(text, prompt), tokens, seed: 0, temperature: 0 };
      for await (const token of continueText(text, model, wanted)) written += shown.next(token);
      return written + shown.end();
    };
    return { text, greedy };
  }

  it('goes on with a text from prompts shorter and longer than the window, the same each time', async () => {
    const place = write('whale', causal(120));
    expect((await gensyn(['run', place])).code).to.equal(0);
    const run = join(place, 'runs/whale');
    const sample = (...flags: string[]) => gensynJson(['sample', run, ...flags]);
    const following = (prompt: string, n: number): string =>
      PATTERN.repeat(20)
        .slice(PATTERN.repeat(2).indexOf(prompt) + prompt.length)
        .slice(0, n);
    const long = 'the whale! the wha';
    const [short, longer, plain, one, same, other, none] = await Promise.all([
      sample('--prompt', 'wh', '--tokens', '40', '--temperature', '0'),
      sample('--prompt', long, '--tokens', '9', '--top-k', '1'),
      gensyn(['sample', run, '--prompt', 'wh', '--tokens', '40', '--temperature', '0']),
      sample('--tokens', '60', '--temperature', '5', '--seed', '3'),
      sample('--tokens', '60', '--temperature', '5', '--seed', '3'),
      sample('--tokens', '60', '--temperature', '5', '--seed', '4'),
      gensynJson<{ error: { code: string } }>(['sample', run, '--prompt', 'sea']),
    ]);
    expect(short.document['text']).to.equal(following('wh', 40));
    expect(longer.document['text']).to.equal(following(long, 9));
    expect(plain.stdout).to.equal(`wh${following('wh', 40)}\n`);
    expect(one.document).to.deep.equal(same.document);
    expect(one.document['text']).to.have.length(60);
    expect(one.document['text']).not.to.equal(other.document['text']);
    expect([none.code, none.document.error.code]).to.deep.equal([2, 'U0502']);
  });

  it('puts bytes together to characters', async () => {
    const { text, greedy } = await trained('bytes', {
      text: 'größer, '.repeat(30),
      data: 'here: class[256][4] = bytes -4..-1 of text\n next: class[256] = bytes 0 of text',
      model: flat(4, 256, 'n, 256'),
      steps: 80,
    });
    expect(text).to.include({ level: 'byte', everywhere: false, tokens: 256, boundary: undefined });
    expect(await greedy('r, grö', 18)).to.equal('ßer, größer, grö'.slice(0, 15));
  });

  it('begins anew after each line where lines are texts of their own', async () => {
    const { text, greedy } = await trained('lines', {
      text: 'ahab\nahab\nahab\nqueeg\n'.repeat(20),
      data: 'here: class[8][5] = chars -5..-1 of line\n next: class[8] = chars 0 of line',
      model: flat(5, 8, 'n, 8'),
      steps: 80,
    });
    expect(text).to.include({ level: 'char', boundary: 0, alphabetStart: 1, tokens: 8 });
    expect(await greedy('', 10)).to.equal('ahab\nahab\n');
    expect(await greedy('ahab\nq', 7)).to.equal('ueeg\nah');
  });

  it('refuses models that are none of text, that look ahead, or that learn something else', async () => {
    const code = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: GensynError) => error.code,
      );
    const ahead = { ...causal(1), model: flat(12, 9, 'n, 12, 9') };
    const { greedy } = await trained('ahead', ahead);
    expect(await code(greedy('the', 1))).to.equal('U0501');
    const far = 'here: class[9][4] = chars 0..3 of text\n next: class[9] = chars 5 of text';
    expect(await code(trained('far', { ...causal(1), data: far, model: flat(4, 9, 'n, 9') }))).to.equal(
      'U0501',
    );
    const tiny = join(folder, 'tiny');
    mkdirSync(tiny);
    writeTinyJob(tiny, { steps: 1, every: 1 });
    await compileJob({ job: join(tiny, 'job.gml'), out: join(tiny, 'out') });
    const { manifest } = await loadJob(join(tiny, 'out'));
    const program = await programOfRun(join(tiny, 'job.gml'), manifest, 1);
    expect(() => textModel(program, manifest))
      .to.throw(GensynError)
      .with.property('code', 'U0501');
    const wrong = await gensynJson<{ error: { code: string } }>(['sample', '--temperature', 'warm']);
    expect(wrong.document.error.code).to.equal('U0105');
  });

  it('draws tokens as often as the model says', () => {
    const logits = [0.5, 0.3, 0.2].map(Math.log);
    const drawn = (choice: Parameters<typeof drawToken>[1]): number[] => {
      const counts = [0, 0, 0];
      for (let i = 0; i < 1000; i++) counts[drawToken(logits, choice, (i + 0.5) / 1000)]! += 1;
      return counts;
    };
    expect(drawn({ temperature: 1 })).to.deep.equal([500, 300, 200]);
    expect(drawn({ temperature: 1, topK: 2 })).to.deep.equal([625, 375, 0]);
    expect(drawn({ temperature: 0.5 })).to.deep.equal([658, 237, 105]);
    expect(drawn({ temperature: 0 })).to.deep.equal([1000, 0, 0]);
    expect(drawToken([1, 2, 2], { temperature: 0 }, 0.9)).to.equal(1);
    // The last token with any weight, where rounding leaves a rest.
    expect(drawToken([0, -1e9], { temperature: 1 }, 1)).to.equal(0);
  });
});
