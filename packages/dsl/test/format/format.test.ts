/** The one layout: what it does to a job, that it keeps comments, and that doing it twice changes nothing. */
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiagnosticsError } from '../../src/diagnostics/diagnostics-error.js';
import { format } from '../../src/format/format.js';

const snapshots = fileURLToPath(new URL('../../../test/snapshots', import.meta.url));
const lines = (...list: string[]) => `${list.join('\n')}\n`;

describe('format', () => {
  for (const [what, input, output] of [
    ['spaces and signs', 'let  a=-1+ - 2*( 3-b )/f( x ,y=-z)', 'let a = -1 + -2 * (3 - b) / f(x, y = -z)\n'],
    ['trailing commas', 'let a = f(x, y,)', 'let a = f(x, y)\n'],
    ['blank lines', '\n\nlet a = 1\n\n\n\nlet b = 2\n\n', lines('let a = 1', '', 'let b = 2')],
    ['semicolons', 'let a = 1; let b = 2', lines('let a = 1', 'let b = 2')],
    ['line ends of other systems', 'let a = 1\r\nlet b = 2\r\n', lines('let a = 1', 'let b = 2')],
    [
      'settings in columns',
      'train{batch=1;seed = 2;optimizer=sgd(1)}',
      lines('train {', '  batch     = 1', '  seed      = 2', '  optimizer = sgd(1)', '}'),
    ],
    [
      'columns in columns',
      'data d from "f" {\nx:f32[64]=columns 0 .. 63/16\nlabel:class[3]=column -1\n}',
      lines(
        'data d from "f" {',
        '  x:     f32[64]  = columns 0..63 / 16',
        '  label: class[3] = column -1',
        '}',
      ),
    ],
    [
      'short blocks in a line',
      'verify {\n checkpoint every 5 steps\n\n sample 10%\n}',
      'verify { checkpoint every 5 steps; sample 10% }\n',
    ],
    [
      'a repeat of one statement',
      'fn f(h) { repeat 3 {\nh = g(h)\n}\nh }',
      lines('fn f(h) {', '  repeat 3 { h = g(h) }', '  h', '}'),
    ],
    [
      'declarations apart',
      'let a = 1\n// about f\nfn f(x) { x }\nlet b = 2',
      lines('let a = 1', '', '// about f', 'fn f(x) {', '  x', '}', '', 'let b = 2'),
    ],
    [
      'comments behind',
      'let a = 1 // one\nfn f(x) { // two\n x // three\n} // four\n// five',
      lines('let a = 1 // one', '', 'fn f(x) { // two', '  x // three', '} // four', '', '// five'),
    ],
    [
      'comments in brackets',
      'let a = f(x, // first\n // second\n y)',
      lines('let a = f(', '  x, // first', '  // second', '  y,', ')'),
    ],
    [
      'comments in a short block',
      'verify { sample 10% // few\n }',
      lines('verify {', '  sample 10% // few', '}'),
    ],
    ['a file of comments', '// a\n\n// b', lines('// a', '', '// b')],
    ['nothing', '', ''],
  ] as const) {
    it(what, () => {
      expect(format(input)).to.equal(output);
      expect(format(output)).to.equal(output);
    });
  }

  it('breaks the brackets of a long line and keeps within 110 columns', () => {
    const long = `let a = f(${Array.from({ length: 12 }, (_, i) => `argument${i} = value${i}`).join(', ')})`;
    const formatted = format(long);
    expect(formatted.split('\n')[1]).to.equal('  argument0 = value0,');
    expect(Math.max(...formatted.split('\n').map((line) => line.length))).to.be.at.most(110);
    expect(format(formatted)).to.equal(formatted);
  });

  it('breaks a long sum behind an operator', () => {
    const formatted = format(`let a = ${Array.from({ length: 30 }, (_, i) => `operand${i}`).join(' + ')}`);
    const widths = formatted
      .trimEnd()
      .split('\n')
      .map((line) => line.length);
    expect(widths.length).to.be.greaterThan(1);
    expect(Math.max(...widths)).to.be.at.most(110);
    expect(format(formatted)).to.equal(formatted);
  });

  it('refuses a text with syntax errors', () => {
    expect(() => format('let = 3')).to.throw(DiagnosticsError);
  });

  it('leaves the jobs of the tests as they are', () => {
    for (const name of readdirSync(join(snapshots, 'jobs'))) {
      const text = readFileSync(join(snapshots, 'jobs', name), 'utf8');
      expect(format(text), name).to.equal(text);
    }
  });

  it('keeps every comment and every word of the broken jobs that parse', () => {
    let count = 0;
    const words = (text: string) =>
      text
        .match(/\/\/.*|"[^"]*"|[\w.%]+/g)
        ?.join(' ')
        .replace(/ +/g, ' ');
    for (const name of readdirSync(join(snapshots, 'broken'))) {
      const text = readFileSync(join(snapshots, 'broken', name, 'input.gml'), 'utf8');
      let formatted: string;
      try {
        formatted = format(text);
      } catch (error) {
        expect(error).to.be.instanceOf(DiagnosticsError);
        continue;
      }
      expect(words(formatted), name).to.equal(words(text));
      expect(format(formatted), name).to.equal(formatted);
      count++;
    }
    expect(count).to.be.greaterThan(80);
  });
});
