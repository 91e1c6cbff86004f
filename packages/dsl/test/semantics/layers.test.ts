/** What the layers refuse, and where they say it. */
import { expect } from 'chai';
import { check } from '../../src/semantics/check.js';

/** A job whose model has this body. */
function job(body: string, train = ''): string {
  return (
    'data set {\n  x: f32[4, 6, 6] = "x.npy"\n  t: f32[6, 8] = "t.npy"\n  k: class[5][6] = "k.npy"\n  y: class[3] = "y.npy"\n}\n\n' +
    `model net(x: f32[n, 4, 6, 6], t: f32[n, 6, 8], k: i32[n, 6]) -> f32[n, 3] {\n  ${body}\n}\n\n` +
    'train {\n  model = net(set.x, set.t, set.k)\n  loss = cross_entropy(model, set.y)\n  optimizer = sgd(lr = 0.1)\n  batch = 2\n  steps = 9\n' +
    `${train}}\n`
  );
}

function mistakes(text: string): { code: string; message: string; at: string; help: string | undefined }[] {
  const { diagnostics } = check({ path: 'job.gml', text }, () => '');
  return diagnostics.map(({ code, message, span, help }) => ({
    code,
    message,
    at: span ? text.slice(span.offset, span.offset + span.length) : '',
    help,
  }));
}

const last = (layer: string): string => `linear(flatten(${layer}), 3)`;

describe('layers', () => {
  for (const body of [
    last('max_pool(relu(conv2d(x, 8, 3, padding = 1, groups = 2)), 2)'),
    last('avg_pool(group_norm(x, 2), 3, stride = 2, padding = 1)'),
    last('conv1d(t, 4, 3, dilation = 2, precision = 1)'),
    last('gpt_block(positions(rms_norm(t)), 2, rotary = true)'),
    last('transpose(slice(lstm(t, 5), 1, 2, -1 + 6), 0, 2, 1)'),
    last('concat(gru(t, 5), reshape(t, -1, 8), 2)'),
    `let words = table(5, 8)\n  ${last('project(attention(lookup(k, words), 4), words)')}`,
    'linear(global_avg_pool(batch_norm(x)), 3)',
  ]) {
    it(`accepts ${body.replace(/\s+/g, ' ')}`, () => {
      expect(mistakes(job(body))).to.deep.equal([]);
    });
  }

  for (const [layer, message, at] of [
    ['conv2d(t, 8, 3)', /needs \[n, channels, height, width\], found f32\[2, 6, 8\]/, 't'],
    ['conv2d(x, 6, 3, groups = 4)', /4 channels cannot be convolved to 6 in 4 groups/, '4'],
    ['conv2d(x, 8, 7)', /kernel of 7 by 7 does not fit into \[2, 4, 6, 6\]/, '7'],
    ['conv1d(x, 8, 3)', /needs \[n, channels, length\]/, 'x'],
    ['max_pool(x, 2, padding = 2)', /window of 2 with 2 and 2 beyond the ends/, '2'],
    ['group_norm(x, 3)', /4 channels cannot be cut into 3 groups/, '3'],
    ['attention(t, 3)', /8 features cannot be shared out among 3 heads/, '3'],
    ['attention(t, 8, rotary = true)', /even number of features a head, found 1/, 'true'],
    ['attention(x, 2)', /needs \[n, t, features\]/, 'x'],
    ['lookup(k, t)', /expected a table \[count, size\], found f32\[2, 6, 8\]/, 't'],
    ['transpose(t, 0, 1)', /axes must be 0, 1, 2 in some order, found 0, 1/, '0'],
    ['reshape(t, -1, 5)', /48 elements cannot be shared out among 5/, '-1'],
    ['reshape(t, -1, -1)', /one of them may be -1/, '-1'],
    ['slice(t, 1, 2, 7)', /2 to 7 does not lie in an axis of 6/, '7'],
    ['slice(t, 3, 0, 1)', /\[2, 6, 8\] has no axis 3/, '3'],
    ['gru(x, 4)', /gru needs \[n, t, features\]/, 'x'],
  ] as const) {
    it(`refuses ${layer}`, () => {
      const [first, ...others] = mistakes(job(last(layer)));
      expect(others).to.deep.equal([]);
      expect(first!.code).to.equal('L0310');
      expect(first!.message).to.match(message);
      expect(first!.at).to.equal(at);
    });
  }

  it('takes accumulate within the steps, and average below 1', () => {
    const body = last('x');
    expect(mistakes(job(body, '  accumulate = 3\n  average = 0.9\n'))).to.deep.equal([]);
    expect(mistakes(job(body, '  accumulate = 10\n')).map(({ code }) => code)).to.deep.equal(['L0504']);
    expect(mistakes(job(body, '  average = 1\n')).map(({ code }) => code)).to.deep.equal(['L0504']);
  });
});
