/** gensyn data: from a folder of pictures to a job that compiles, and what it says of files. */
import { expect } from 'chai';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder } from './gensyn.js';

/** A PNG of 3 x 2 pixels. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4AWP8z8DA4MDA4MDAxAADABnpAYMChiBOAAAAAElFTkSuQmCC',
  'base64',
);

describe('gensyn data', () => {
  const folder = temporaryFolder();
  const inside = { cwd: folder };

  before(() => {
    for (const name of ['left', 'right'])
      for (let i = 0; i < 4; i++) {
        mkdirSync(join(folder, 'photos', name), { recursive: true });
        writeFileSync(join(folder, 'photos', name, `${i}.png`), PICTURE);
      }
  });

  it('makes a file of pictures that a job reads as suggested', async () => {
    const { code, document } = await gensynJson<{
      shape: number[];
      classes: { name: string }[];
      suggestion: string;
    }>(['data', 'images', 'photos', '--size', '4x3', '--grey', '--fit', 'pad'], inside);
    expect(code).to.equal(0);
    expect(document.shape).to.deep.equal([8, 1, 3, 4]);
    expect(document.classes.map(({ name }) => name)).to.deep.equal(['left', 'right']);
    expect(document.suggestion).to.include('class["left", "right"]');
    writeFileSync(
      join(folder, 'job.gml'),
      `${document.suggestion}
model m(x: f32[n, 1, 3, 4]) -> f32[n, 2] { linear(flatten(x), 2) }

train {
  model = m(photos.image)
  loss = cross_entropy(model, photos.label)
  optimizer = sgd(lr = 1e-2)
  batch = 4
  steps = 2
}
`,
    );
    const compiled = await gensyn(['compile'], inside);
    expect(compiled.code, compiled.stderr).to.equal(0);
    const shown = await gensynJson<{ suggestion: string }>(['data', 'show', 'photos.npz'], inside);
    expect(shown.document.suggestion).to.equal(document.suggestion);
    const plain = await gensyn(['data', 'show', 'photos.npz', '--rows', '1'], inside);
    expect(plain.stdout).to.include('[8, 1, 3, 4]').and.include('left, right');
  });

  it('points from a folder to its own way in', async () => {
    const { code, document } = await gensynJson<{ error: { code: string; help: string } }>(
      ['data', 'show', 'photos'],
      inside,
    );
    expect(code).to.equal(1);
    expect(document.error.code).to.equal('D0102');
    expect(document.error.help).to.include('gensyn data images photos');
  });

  it('leaves nothing behind where a picture is bad', async () => {
    mkdirSync(join(folder, 'bad', 'a'), { recursive: true });
    mkdirSync(join(folder, 'bad', 'b'), { recursive: true });
    writeFileSync(join(folder, 'bad/a/1.png'), PICTURE);
    writeFileSync(join(folder, 'bad/b/1.png'), PICTURE.subarray(0, 50));
    const { code, document } = await gensynJson<{ error: { code: string; message: string } }>(
      ['data', 'images', 'bad'],
      inside,
    );
    expect([code, document.error.code]).to.deep.equal([1, 'D0172']);
    expect(document.error.message).to.include('bad/b/1.png');
    expect(readdirSync(folder).filter((name) => name.includes('bad.npz'))).to.deep.equal([]);
  });

  it('refuses a size that is none', async () => {
    const { code, document } = await gensynJson<{ error: { code: string } }>(
      ['data', 'images', 'photos', '--size', 'large'],
      inside,
    );
    expect([code, document.error.code]).to.deep.equal([2, 'U0105']);
  });
});
