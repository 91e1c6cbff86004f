/** What is shown of a dispute: in the terminal while it is played, and as picture and page of a finished one. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { DisputeRecord } from '@gensyn/protocol';
import { descentRows } from '../src/dispute/descent-rows.js';
import { formula } from '../src/dispute/formula.js';
import {
  disputeHtml,
  disputeLines,
  disputeSvg,
  showDispute,
  writeDisputeReport,
} from '../src/dispute/index.js';
import { printable } from '../src/dispute/printable.js';
import { story } from '../src/dispute/story.js';
import { tokens } from '../src/dispute/tokens.js';
import { after, SETTLED } from './dispute-sample.js';

// eslint-disable-next-line no-control-regex -- colours begin with one
const plain = (lines: readonly string[]): string => lines.join('\n').replace(/\u001b\[[0-9;]*m/g, '');

/** Every way in which a dispute may stand. */
const RECORDS: Readonly<Record<string, DisputeRecord>> = {
  settled: SETTLED,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`after move ${n}`, after(n)])),
  'lost by the clock': {
    ...after(3),
    turn: undefined,
    verdict: { outcome: 'challenger', by: 'clock', right: undefined, values: undefined, operands: undefined },
  },
  'lost by a move': {
    ...after(9),
    turn: undefined,
    verdict: { outcome: 'neither', by: 'move', right: undefined, values: undefined, operands: undefined },
  },
  'an entry of the state': {
    ...SETTLED,
    path: [
      ...SETTLED.path.slice(0, 3),
      { level: 'state', index: 2, of: 7, label: 'hidden.w', nodes: ['0x01', '0x02'] },
    ],
    disputed: {
      step: 437,
      operator: {
        node: 528,
        name: 'state',
        op: undefined,
        type: undefined,
        span: undefined,
        source: undefined,
      },
      element: undefined,
      term: undefined,
    },
    verdict: {
      ...{ outcome: 'defender', by: 'referee', operands: undefined },
      right: { bits: `0x${'ab'.repeat(32)}`, value: undefined },
      values: [
        { bits: `0x${'ab'.repeat(32)}`, value: undefined },
        { bits: `0x${'cd'.repeat(32)}`, value: undefined },
      ],
    },
  },
  'an attestation': { ...after(6), seat: 4, path: after(6).path.slice(1) },
  'not begun': { ...after(0), moves: [], path: [], transactions: [], turn: undefined },
};

/** Tags that are opened are closed, in their order; attributes are quoted and hold no bracket. */
function expectWellFormed(markup: string): void {
  const open: string[] = [];
  const tags = markup.replace(/<!doctype html>/, '').replace(/<style>[^<]*<\/style>/g, '');
  for (const [whole, closing, name, rest] of tags.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s[\w:-]+="[^"<>]*")*)\s*\/?>/gi,
  )) {
    if (whole.endsWith('/>') || ['meta'].includes(name!)) continue;
    if (closing) expect(open.pop()).to.equal(name);
    else open.push(name!);
    expect(rest).to.not.match(/\son\w+=/);
  }
  expect(open).to.deep.equal([]);
  const texts = tags.replace(/<(\/?)([a-z][a-z0-9]*)((?:\s[\w:-]+="[^"<>]*")*)\s*\/?>/gi, '');
  expect(texts).to.not.match(/[<>]/);
}

describe('picture and page of a dispute', () => {
  for (const [name, record] of Object.entries(RECORDS))
    it(`${name}: well formed, complete, and in need of nothing else`, () => {
      for (const markup of [disputeSvg(record), disputeHtml(record)]) {
        expectWellFormed(markup);
        expect(markup).to.not.match(/NaN|Infinity|undefined|\[object/);
        expect(markup).to.not.match(/<script|<link|<img|@import|url\(|href=|src=/i);
        expect(markup.replaceAll('http://www.w3.org/2000/svg', '')).to.not.match(/https?:/);
      }
    });

  it('marks the places that were found on their bars', () => {
    const hits = [...disputeSvg(SETTLED).matchAll(/class="hit" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)];
    const shares = hits.map(([, x, width]) => (Number(x) + Number(width) / 2 - 40) / 880);
    const expected = [10.5 / 16, 36.5 / 40, 311.5 / 529, 391.5 / 8192, 30.5 / 128];
    expect(shares).to.have.length(expected.length);
    shares.forEach((share, n) => expect(share).to.be.closeTo(expected[n]!, 0.002));
  });

  it('shows the bits that are wrong, and only these', () => {
    const svg = disputeSvg(SETTLED);
    // 0xc4966000 against 0xc4968000.
    expect(svg.match(/class="bit (?:one|zero)-x"/g)).to.have.length(3);
    expect(svg.match(/class="bit /g)).to.have.length(96);
  });

  it('says where, what, who and how much', () => {
    const page = disputeHtml(SETTLED);
    for (const text of ['checkpoint 11 of 16', 'step 437', 'job.gml:8', 'linear(x, 128)', 'element [3, 7]'])
      expect(page).to.include(text);
    for (const text of [SETTLED.defender, SETTLED.challenger, '-1203', '0xc4966000', '31.5 GEN', '40 GEN'])
      expect(page).to.include(text);
  });

  it('is written with its record beside it', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-dispute-'));
    const files = writeDisputeReport(SETTLED, path.join(folder, 'new'));
    expect(fs.readFileSync(files.html, 'utf8')).to.equal(disputeHtml(SETTLED));
    expect(fs.readFileSync(files.svg, 'utf8')).to.equal(disputeSvg(SETTLED));
    expect(JSON.parse(fs.readFileSync(files.json, 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(SETTLED)),
    );
    fs.rmSync(folder, { recursive: true });
  });
});

describe('text from other parties', () => {
  const BAD = "\"><script>alert(1)</script><b onload='x'>&\u001b[2J\u009b31m\u202eabc\u0000\ud800";

  /** The record with this in place of, or behind, every text that another party may have chosen. */
  function poisoned<T>(value: T): T {
    if (typeof value === 'string') return (/^(0x|\d|f32)/.test(value) ? value : `${value}${BAD}`) as T;
    if (Array.isArray(value)) return value.map(poisoned) as T;
    if (typeof value !== 'object' || value === null) return value;
    const keep = new Set(['format', 'level', 'action', 'outcome', 'by', 'op']);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, keep.has(key) ? each : poisoned(each)]),
    ) as T;
  }

  for (const [name, record] of Object.entries(RECORDS))
    it(`${name}: is shown, not obeyed`, () => {
      const bad = poisoned(record);
      for (const markup of [disputeSvg(bad), disputeHtml(bad)]) {
        expectWellFormed(markup);
        expect(markup).to.not.match(/<script|<b /);
        // eslint-disable-next-line no-control-regex -- that is the point
        expect(markup).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      }
      const lines = plain(disputeLines(bad, 100));
      // eslint-disable-next-line no-control-regex -- that is the point
      expect(lines).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      let said = '';
      const view = showDispute({ live: false, out: { write: (text) => (said += text) } });
      view.update(bad);
      // eslint-disable-next-line no-control-regex -- that is the point
      expect(said).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    });

  it('hostile hashes and operator names change nothing else', () => {
    const bad: DisputeRecord = {
      ...SETTLED,
      ...{ defender: BAD, challenger: BAD, market: BAD, roots: [BAD, BAD] },
      disputed: { ...SETTLED.disputed, operator: { ...SETTLED.disputed.operator!, op: BAD, type: BAD } },
      verdict: { ...SETTLED.verdict!, right: { bits: BAD, value: 1 } },
      money: {
        ...SETTLED.money,
        stake: BAD,
        slashed: [{ amount: BAD, winner: BAD, won: BAD, burned: BAD, jackpot: BAD }],
      },
    };
    for (const markup of [disputeSvg(bad), disputeHtml(bad)]) expectWellFormed(markup);
    expect(() => disputeLines(bad, 80)).to.not.throw();
  });

  it('printable keeps what can be read', () => {
    expect(printable('größe = 2 × π 🙂')).to.equal('größe = 2 × π 🙂');
    expect(printable('a\tb\u001b[31mc')).to.equal('a b\ufffd[31mc');
    expect(printable('abcdef', 4)).to.equal('abc…');
  });
});

describe('dispute in the terminal', () => {
  it('narrows down, and says whose turn it is', () => {
    const lines = plain(disputeLines(after(7), 100));
    expect(lines).to.match(/✘ step +─+━+─+ step 437 {2}37 of 40/);
    expect(lines).to.match(/› operator +─+━─+ 309 to 312/);
    expect(lines).to.include('challenger to move, 9 min 40 s');
    expect(plain(disputeLines(after(7), 100, 70))).to.include('challenger to move, 8 min 30 s');
  });

  it('ends with the operation, both values and the money', () => {
    const lines = plain(disputeLines(SETTLED, 100));
    expect(lines).to.include('job.gml:8  let h = relu(linear(x, 128))');
    expect(lines).to.match(/\n +\^{14}\n/);
    expect(lines).to.include('… + (−37) × 12 = -1204');
    expect(lines).to.match(/solver +-1203 ✘\n +challenger +-1204 ✔/);
    expect(lines).to.include(
      'slashed 100 GEN: 31.5 GEN to 0x3C44…93BC, 40 GEN burned, 28.5 GEN to the jackpot',
    );
  });

  it('marks an expression of which only the beginning is known', () => {
    const operator = SETTLED.disputed.operator!;
    const span = { ...operator.span!, length: 0 };
    const marked = (column: number): string[] =>
      plain(
        disputeLines(
          {
            ...SETTLED,
            disputed: { ...SETTLED.disputed, operator: { ...operator, span: { ...span, column } } },
          },
          100,
        ),
      )
        .split('\n')
        .filter((text) => /^ +\^+$/.test(text));
    // `  let h = relu(linear(x, 128))`
    expect(marked(16)).to.deep.equal([`${' '.repeat(28)}${'^'.repeat('linear(x, 128)'.length)}`]);
    expect(marked(11)).to.deep.equal([`${' '.repeat(23)}${'^'.repeat('relu(linear(x, 128))'.length)}`]);
    expect(marked(7)).to.deep.equal([`${' '.repeat(19)}^`]);
    expect(marked(99)).to.deep.equal([]);
  });

  it('keeps to the width, and has a line for everything at any stage', () => {
    for (const [name, record] of Object.entries(RECORDS))
      for (const width of [40, 80])
        for (const text of plain(disputeLines(record, width)).split('\n'))
          expect([...text].length, `${name}: ${text}`).to.be.at.most(width);
  });

  it('draws over what it drew before', () => {
    let said = '';
    const view = showDispute({ live: true, columns: 100, out: { write: (text) => (said += text) } });
    for (const n of [1, 5, 12]) view.update(after(n));
    view.update(SETTLED);
    view.stop();
    // A terminal of our own, which knows the two sequences that are used.
    const screen: string[] = [];
    // eslint-disable-next-line no-control-regex -- that is how a cursor is moved
    for (const [, up, text] of said.matchAll(/(?:\u001b\[(\d+)A\u001b\[J)?((?:(?!\u001b\[\d+A)[^])*)/g)) {
      if (up) screen.splice(screen.length - Number(up));
      if (text) screen.push(...text.replace(/\n$/, '').split('\n'));
    }
    expect(plain(screen)).to.equal(plain(disputeLines(SETTLED, 100)));
  });

  it('elsewhere tells each event once', () => {
    let said = '';
    const view = showDispute({ live: false, out: { write: (text) => (said += text) } });
    for (let n = 0; n < 16; n++) {
      view.update(after(n));
      view.update(after(n));
    }
    view.update(SETTLED);
    view.update(SETTLED);
    const lines = said.trim().split('\n');
    expect(lines.filter((text) => /^(opens|move \d+)/.test(text))).to.have.length(16);
    expect(lines.filter((text) => text.startsWith('found'))).to.have.length(5);
    expect(lines.at(-1)).to.equal('The challenger was right');
  });

  it('says nothing where nothing is to be said', () => {
    let said = '';
    const view = showDispute({ enabled: false, out: { write: (text) => (said += text) } });
    view.update(SETTLED);
    view.stop();
    expect(said).to.equal('');
  });
});

describe('words about a dispute', () => {
  const asked = (op: string, values: readonly number[]): string | undefined =>
    formula({
      ...SETTLED,
      disputed: { ...SETTLED.disputed, term: undefined, operator: { ...SETTLED.disputed.operator!, op } },
      verdict: {
        ...SETTLED.verdict!,
        operands: values.map((value, n) => ({ node: n, name: `n${n}`, op: 'Add', element: 0, value })),
      },
    });

  it('writes the operation down', () => {
    expect(asked('Add', [1, -2])).to.equal('1 + (−2)');
    expect(asked('Div', [1, 3])).to.equal('1 ÷ 3');
    expect(asked('Sqrt', [2])).to.equal('√2');
    expect(asked('Neg', [-0])).to.equal('−(−0)');
    expect(asked('Max', [1, 2])).to.equal('max(1, 2)');
    expect(asked('Dot', [1, 2, 3, 4])).to.equal('1 × 2 + 3 × 4');
    expect(asked('Dot', [1, 2, 3, 4, 5, 6, 7, 8])).to.equal('1 × 2 + 3 × 4 + … (4 terms)');
    expect(asked('Reshape', [7])).to.equal('Reshape of 7');
    expect(asked('Pad', [])).to.equal(undefined);
  });

  it('counts the leaves that are still in dispute', () => {
    const row = descentRows(after(6)).at(-2)!;
    expect(row).to.deep.include({ level: 'operator', state: 'narrowing', from: 256, to: 320, within: 1024 });
  });

  it('tells the story in order', () => {
    const text = story(SETTLED).join(' ');
    expect(text).to.match(
      /640 steps.*checkpoint 11.*step 437.*Dot \(job\.gml:8:16\).*element \[3, 7\].*term 30.*computed.*-1203/s,
    );
  });

  it('shows amounts', () => {
    expect(tokens('0')).to.equal('0 GEN');
    expect(tokens('1')).to.equal('<0.0001 GEN');
    expect(tokens(`1234567${'0'.repeat(18)}`)).to.equal('1,234,567 GEN');
    expect(tokens(`-5${'0'.repeat(17)}`)).to.equal('-0.5 GEN');
    expect(tokens('1; drop')).to.equal('?');
  });
});
