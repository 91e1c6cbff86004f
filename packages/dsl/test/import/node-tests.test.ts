/** Every imported operator against the ONNX project's own tests: as many pass as recorded, and no other fails. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FAMILIES } from '../../src/import/operators/index.js';
import { nodeTests, outcomeOf } from './node-tests.js';

const RECORD = fileURLToPath(new URL('../../../test/import/onnx-node-tests.json', import.meta.url));

describe('the ONNX backend tests of single operators', () => {
  const tests = nodeTests();
  const outcomes = new Map<string, string>();

  const updating = process.env['UPDATE_SNAPSHOTS'] === '1';
  const record = (): Record<string, string> =>
    updating
      ? Object.fromEntries([...outcomes].sort())
      : (JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>);

  for (const family of [...new Set(tests.map(({ name }) => name.split('_')[1]!))]) {
    it(`end as recorded: ${family}`, () => {
      for (const test of tests.filter(({ name }) => name.split('_')[1] === family))
        outcomes.set(test.name, outcomeOf(test));
      const recorded = record();
      for (const [name, outcome] of outcomes)
        expect(`${name}: ${outcome}`).to.equal(`${name}: ${recorded[name]}`);
    });
  }

  after(() => {
    if (updating) writeFileSync(RECORD, `${JSON.stringify(record(), null, 2)}\n`);
  });

  it('cover every operator but those whose tests hold NaN, infinity or an old opset', () => {
    const recorded = record();
    const passed = Object.keys(recorded).filter((name) => recorded[name]!.startsWith('passes'));
    const joined = passed.map((name) => name.replaceAll('_', '').toLowerCase());
    const names: Readonly<Record<string, string>> = {
      Dropout: 'dropout',
      BatchNormalization: 'batchnorm',
      InstanceNormalization: 'instancenorm',
      LessOrEqual: 'lessequal',
      GreaterOrEqual: 'greaterequal',
      Pad: 'constantpad',
      Trilu: 'tri',
    };
    const missing = Object.values(FAMILIES)
      .flatMap((family) => Object.keys(family))
      .filter((op) => !joined.some((name) => name.startsWith(`test${(names[op] ?? op).toLowerCase()}`)));
    expect(missing).to.deep.equal(['Cast', 'CastLike', 'Not', 'IsNaN', 'IsInf']);
  });
});
