/** Malformed, hostile and huge ONNX files: each ends in one error with its code, soon and without the memory that it asks for. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  GensynError,
  encodeModel,
  tensorFromF32,
  tensorFromI64,
  type ModelProto,
  type TensorProto,
} from '@gensyn/ir';
import { importExplanations } from '../../src/import/explanations.js';
import { openModel } from '../../src/import/model-files.js';
import { readNetwork } from '../../src/import/network.js';
import { importedOperator } from '../../src/import/operators/index.js';
import { known } from '../../src/import/value.js';
import { check } from '../../src/semantics/check.js';
import { build } from './run-network.js';
import { fileOf, input, model, node, noise, weight, type Parts } from './make-model.js';

const met = new Set<string>();

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    met.add(error.code);
    expect(error.message.length).to.be.lessThan(400);
    return error.code;
  }
  return 'no error';
}

/** Reads and builds for a batch of 2. */
function use(proto: ModelProto | Uint8Array): void {
  const file =
    proto instanceof Uint8Array ? { bytes: proto, external: () => new Uint8Array(0) } : fileOf(proto);
  const found = readNetwork(file, (op) => importedOperator(op) !== undefined);
  const args = found.inputs.map(({ type, shape }) => {
    const dims = (shape ?? [2, 4]).map((dim) => (typeof dim === 'number' ? Math.min(dim, 64) : 2));
    return known(type, dims, new Float64Array(dims.reduce((a, b) => a * b, 1)));
  });
  build(found, args, () => false);
}

const of = (parts: Parts) => model(parts);
const relu = node('Relu', ['x'], ['y']);
const i64 = (name: string, values: readonly (number | bigint)[]): TensorProto =>
  tensorFromI64(name, [values.length], BigInt64Array.from(values, BigInt));
const shaped = (...values: (number | bigint)[]): Parts => ({
  nodes: [node('ConstantOfShape', ['s'], ['c']), node('Add', ['x', 'c'], ['y'])],
  initializers: [i64('s', values)],
});

const CASES: readonly (readonly [string, string, () => ModelProto | Uint8Array])[] = [
  ['no bytes at all', 'L0811', () => new Uint8Array(0)],
  ['text', 'L0811', () => Buffer.from('<html>404 Not Found</html>')],
  ['a file that ends early', 'L0811', () => encodeModel(of({ nodes: [relu], initializers: [weight('w', [64])] })).subarray(0, 200)],
  ['a run of 2 GB that is not there', 'L0811', () => Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07)],
  ['a cycle', 'L0811', () => of({ nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] })],
  ['a node that reads itself', 'L0811', () => of({ nodes: [node('Add', ['x', 'y'], ['y'])] })],
  ['a value that nothing defines', 'L0811', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])] })],
  ['a value defined twice', 'L0811', () => of({ nodes: [relu, relu] })],
  ['an initialiser twice', 'L0811', () => of({ nodes: [relu], initializers: [weight('w', [2]), weight('w', [2])] })],
  ['an output that nothing computes', 'L0811', () => of({ nodes: [relu], outputs: ['z'] })],
  ['no output', 'L0811', () => of({ nodes: [relu], outputs: [] })],
  ['a tensor that lies about its shape', 'L0811', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [{ ...weight('w', [4]), dims: [400] }] })],
  ['a tensor that claims 2 GB', 'L0811', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [{ ...weight('w', [4]), dims: [536870912] }] })],
  ['a tensor of 2^60 elements', 'L0811', () => of({ nodes: [relu], initializers: [{ ...weight('w', [4]), dims: [2 ** 30, 2 ** 30] }] })],
  ['a negative dimension', 'L0811', () => of({ nodes: [relu], initializers: [{ ...weight('w', [4]), dims: [-4] }] })],
  ['data given twice', 'L0811', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [{ ...weight('w', [4]), floatData: new Float32Array(4) }] })],
  ['an attribute twice', 'L0811', () => of({ nodes: [{ ...relu, attribute: [{ name: 'a', i: 1n }, { name: 'a', i: 2n }] }] })],
  ['a path that leaves the folder', 'L0812', () => external('../../etc/passwd')],
  ['an absolute path', 'L0812', () => external('/etc/passwd')],
  ['a path of Windows', 'L0812', () => external('C:\\secret')],
  ['a path with a null', 'L0812', () => external('w\0.bin')],
  ['an unknown operator', 'L0813', () => of({ nodes: [node('TopK', ['x'], ['y'])] })],
  ['If', 'L0813', () => of({ nodes: [{ ...relu, opType: 'If', attribute: [{ name: 'then_branch', g: { name: 'g' } }] }] })],
  ['Loop', 'L0813', () => of({ nodes: [{ ...relu, opType: 'Loop', attribute: [{ name: 'body', g: { name: 'g' } }] }] })],
  ['an operator of another domain', 'L0813', () => of({ nodes: [{ ...relu, domain: 'com.microsoft' }] })],
  ['a function of the file', 'L0813', () => ({ ...of({ nodes: [relu] }), functions: [{ name: 'f' }] })],
  ['an opset of the future', 'L0813', () => of({ nodes: [relu], opset: 99 })],
  ['no opset', 'L0813', () => ({ ...of({ nodes: [relu] }), opsetImport: [] })],
  ['an unknown attribute', 'L0814', () => of({ nodes: [node('Relu', ['x'], ['y'], { slope: 3 })] })],
  ['too many operands', 'L0814', () => of({ nodes: [node('Relu', ['x', 'x'], ['y'])] })],
  ['too few operands', 'L0814', () => of({ nodes: [node('Add', ['x'], ['y'])] })],
  ['a shape computed in the step', 'L0814', () => of({ nodes: [node('Reshape', ['x', 'x'], ['y'])] })],
  ['training statistics', 'L0814', () => of({ nodes: [node('BatchNormalization', ['x', 's', 's', 's', 's'], ['y'], { training_mode: 1 })], initializers: [weight('s', [4])] })],
  ['a division by zero', 'L0814', () => of({ nodes: [node('Constant', [], ['c'], { value_float: 0 }), node('Div', ['x', 'c'], ['y'])] })],
  ['an axis beyond the last', 'L0814', () => of({ nodes: [node('Softmax', ['x'], ['y'], { axis: 9 })] })],
  ['matrices that do not fit', 'L0815', () => of({ nodes: [node('MatMul', ['x', 'w'], ['y'])], initializers: [weight('w', [5, 2])] })],
  ['a batch fixed in a Reshape', 'L0814', () => of({ nodes: [node('Reshape', ['x', 's'], ['y'])], initializers: [i64('s', [1, 4])] })],
  ['a tensor of nine axes', 'L0815', () => of({ nodes: [relu], initializers: [weight('w', Array<number>(9).fill(1))] })],
  ['an Expand to 2^40 elements', 'L0815', () => of({ nodes: [node('Expand', ['x', 's'], ['y'])], initializers: [i64('s', [2 ** 38, 2, 4])] })],
  ['a weight that is NaN', 'L0817', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [tensorFromF32('w', [1], Float32Array.of(NaN))] })],
  ['a weight that is infinite', 'L0817', () => of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [tensorFromF32('w', [1], Float32Array.of(Infinity))] })],
  ['strings', 'L0818', () => of({ nodes: [node('Gather', ['w', 'x'], ['y'])], initializers: [{ name: 'w', dims: [1], dataType: 8, stringData: [Buffer.from('a')] }] })],
  ['a string input', 'L0818', () => of({ nodes: [relu], inputs: [input('x', ['n'], 8)] })],
  ['an input that is a sequence', 'L0818', () => of({ nodes: [relu], inputs: [{ name: 'x', type: { sequenceType: new Uint8Array(0) } }] })],
  ['a constant of 2^40 elements', 'L0819', () => of(shaped(2 ** 20, 2 ** 20))],
  ['a constant of 2^62 elements', 'L0819', () => of(shaped(2n ** 31n, 2n ** 31n))],
  ['a constant of negative length', 'L0815', () => of(shaped(-5))],
  ['a range of 2^40 numbers', 'L0819', () => of({ nodes: [node('Range', ['a', 'b', 'c'], ['r']), node('Add', ['x', 'r'], ['y'])], initializers: [0, 2 ** 40, 1].map((value, i) => ({ ...i64('abc'[i]!, [value]), dims: [] })) })],
  ['a range without end', 'L0814', () => of({ nodes: [node('Range', ['a', 'b', 'c'], ['r']), node('Add', ['x', 'r'], ['y'])], initializers: [0, 1, 0].map((value, i) => ({ ...i64('abc'[i]!, [value]), dims: [] })) })],
  ['constants that grow by copies', 'L0819', () => of({ nodes: [...Array.from({ length: 40 }, (_, i) => node('Concat', [`c${i}`, `c${i}`], [`c${i + 1}`], { axis: 0 })), node('Add', ['x', 'c40'], ['y'])], initializers: [i64('c0', [1])] })],
  ['a step that picks 2^26 places one by one', 'L0819', () => of({ nodes: [node('Expand', ['x', 's'], ['e']), node('Slice', ['e', 'a', 'b', 'a', 'c'], ['y'])], inputs: [input('x', [1])], initializers: [i64('s', [2 ** 26]), i64('a', [0]), i64('b', [2 ** 26]), i64('c', [2])] })],
  ['a reflection of 2^30 places', 'L0819', () => of({ nodes: [node('Pad', ['x', 's'], ['y'], { mode: 'reflect' })], initializers: [i64('s', [0, 0, 0, 2 ** 30])] })],
  ['a triangle of 2^28 places', 'L0819', () => of({ nodes: [node('Expand', ['x', 's'], ['e']), node('Trilu', ['e'], ['y'])], inputs: [input('x', [1, 1])], initializers: [i64('s', [2 ** 14, 2 ** 14])] })],
  ['an average over 2^28 windows', 'L0819', () => of({ nodes: [node('Expand', ['x', 's'], ['e']), node('AveragePool', ['e'], ['y'], { kernel_shape: [2, 2], pads: [1, 1, 1, 1] })], inputs: [input('x', [1, 1, 1, 1])], initializers: [i64('s', [1, 1, 2 ** 14, 2 ** 14])] })],
  ['a window of 2^20 places', 'L0814', () => of({ nodes: [node('Expand', ['x', 's'], ['e']), node('MaxPool', ['e'], ['y'], { kernel_shape: [2 ** 20] })], inputs: [input('x', [1, 1, 1])], initializers: [i64('s', [1, 1, 2 ** 20])] })],
  ['more nodes than any network', 'L0819', () => of({ nodes: Array.from({ length: 20_001 }, (_, i) => node('Relu', [i === 0 ? 'x' : `v${i}`], [`v${i + 1}`])), outputs: ['v20001'] })],
]; // prettier-ignore

function external(location: string): ModelProto {
  const w: TensorProto = {
    name: 'w',
    dims: [4],
    dataType: 1,
    dataLocation: 1,
    externalData: [{ key: 'location', value: location }],
  };
  return of({ nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [w] });
}

describe('ONNX files that are refused', () => {
  for (const [what, code, make] of CASES)
    it(`${what}: ${code}`, () => expect(codeOf(() => use(make()))).to.equal(code));

  describe('with files beside them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gensyn-import-'));
    after(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'model'));
    writeFileSync(join(folder, 'secret.bin'), new Uint8Array(64));
    const path = join(folder, 'model', 'net.onnx');
    const reading = (location: string) => () => {
      writeFileSync(path, encodeModel(external(location)));
      const found = readNetwork(openModel(path), (op) => importedOperator(op) !== undefined);
      return build(found, [known('f32', [2, 4], new Float64Array(8))], () => false);
    };

    it('a link out of the folder', () => {
      symlinkSync('../secret.bin', join(folder, 'model', 'link.bin'));
      expect(codeOf(reading('link.bin'))).to.equal('L0812');
    });
    it('a file that is missing, too short, or a folder', () => {
      expect(codeOf(reading('absent.bin'))).to.equal('L0812');
      writeFileSync(join(folder, 'model', 'short.bin'), new Uint8Array(15));
      expect(codeOf(reading('short.bin'))).to.equal('L0812');
      mkdirSync(join(folder, 'model', 'sub'));
      expect(codeOf(reading('sub'))).to.equal('L0812');
    });
    it('but not a whole file, also in a folder below', () => {
      writeFileSync(
        join(folder, 'model', 'sub', 'w.bin'),
        new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
      );
      const { leaves, weights } = reading('sub/w.bin')();
      expect([...leaves.get(weights[0]!)!]).to.deep.equal([1, 2, 3, 4]);
    });
    it('a network that is missing, a folder, or longer than 2 GiB', () => {
      expect(codeOf(() => openModel(join(folder, 'absent.onnx')))).to.equal('L0810');
      expect(codeOf(() => openModel(folder))).to.equal('L0810');
      const huge = join(folder, 'huge.onnx');
      writeFileSync(huge, '');
      // Sparse: it takes no room.
      truncateSync(huge, 2 ** 31);
      expect(codeOf(() => openModel(huge))).to.equal('L0810');
    });
  });

  it('whatever bytes are changed, cut or repeated', () => {
    const bytes = encodeModel(
      of({
        nodes: [
          node('Constant', [], ['s'], { value: i64('', [-1, 2, 2]) }),
          node('Reshape', ['x', 's'], ['r']),
          node('Transpose', ['r'], ['t'], { perm: [0, 2, 1] }),
          node('MatMul', ['t', 'w'], ['m']),
          node('LayerNormalization', ['m', 'g'], ['l'], { epsilon: 1e-5 }),
          node('Slice', ['l', 'a', 'b'], ['c']),
          node('Softmax', ['c'], ['y'], { axis: -1 }),
        ],
        initializers: [weight('w', [2, 3]), weight('g', [3]), i64('a', [0]), i64('b', [2])],
      }),
    );
    const next = noise(99);
    const random = (below: number): number => Math.floor(((next() + 1) / 2) * below);
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      let changed = Uint8Array.from(bytes);
      for (let n = 1 + random(4); n > 0; n--) {
        const at = random(changed.length);
        const kind = random(4);
        if (kind === 0) changed[at] = random(256);
        else if (kind === 1) changed[at]! ^= 1 << random(8);
        else if (kind === 2) changed = changed.slice(0, at + 1);
        else changed = Uint8Array.from([...changed.subarray(0, at), ...changed.subarray(random(at + 1))]);
      }
      const code = codeOf(() => use(changed));
      if (code !== 'no error') {
        expect(code).to.match(/^L08(1[0-9]|2[01])$/);
        refused++;
      }
    }
    expect(refused).to.be.greaterThan(1000);
  }).timeout(60_000);
});

describe('networks in a job', () => {
  const files: Readonly<Record<string, ModelProto>> = {
    'good.onnx': of({ nodes: [node('Gemm', ['x', 'w'], ['y'])], initializers: [weight('w', [4, 3])] }),
    'two.onnx': of({ nodes: [relu, node('Relu', ['x'], ['z'])], outputs: ['y', 'z'] }),
    'part.onnx': of({
      nodes: [node('Gemm', ['x', 'w'], ['y']), node('ArgMax', ['y'], ['z'])],
      initializers: [weight('w', [4, 3])],
      outputs: ['y', 'z'],
    }),
    'bad.onnx': of({ nodes: [node('TopK', ['x'], ['y'])] }),
    'fixed.onnx': of({
      nodes: [node('Gemm', ['x', 'w'], ['y'])],
      initializers: [weight('w', [4, 3])],
      inputs: [input('x', [1, 4])],
    }),
  };

  function diagnose(declaration: string, call = 'm(d.x)') {
    const text = `data d from "d.csv" {
  x: f32[4] = columns 0..3
  c: class[3] = column 4
}
${declaration}
train {
  model     = ${call}
  loss      = cross_entropy(model, d.c)
  optimizer = sgd(lr = 0.1)
  batch     = 2
  steps     = 1
}
`;
    const { program, diagnostics } = check({ path: 'job.gml', text }, () => undefined, {
      openModel(file) {
        const proto = files[file];
        if (!proto) return openModel(file);
        return fileOf(proto);
      },
    });
    diagnostics.forEach(({ code }) => met.add(code));
    return { program, found: diagnostics.map(({ code, span }) => `${code} ${span?.line}`) };
  }

  it('become models whose initialisers are weights', () => {
    const { program, found } = diagnose('model m = onnx("good.onnx")');
    expect(found).to.deep.equal([]);
    expect(program!.weights.map((each) => each.attributes['name'])).to.deep.equal(['m.w']);
  });
  it('may be named by a param', () => {
    expect(diagnose('param file = "good.onnx"\nmodel m = onnx(file)').found).to.deep.equal([]);
  });
  it('share their weights between calls, and take arguments by name', () => {
    const { program } = diagnose('model m = onnx("good.onnx")', 'm(d.x) + m(x = d.x)');
    expect(program!.weights).to.have.length(1);
  });
  it('say which output is meant', () => {
    expect(diagnose('model m = onnx("two.onnx")').found).to.deep.equal(['L0821 5']);
    expect(diagnose('model m = onnx("two.onnx", output = "q")').found).to.deep.equal(['L0821 5']);
    expect(diagnose('model m = onnx("two.onnx", output = "z")').found).to.include('L0508 8');
  });
  it('need not have every operator, but those on the way to the output', () => {
    expect(diagnose('model m = onnx("part.onnx", output = "y")').found).to.deep.equal([]);
    expect(diagnose('model m = onnx("part.onnx", output = "z")').found).to.deep.equal(['L0813 5']);
  });
  it('are refused at their place in the job', () => {
    expect(diagnose('model m = onnx("bad.onnx")').found).to.deep.equal(['L0813 5']);
    expect(diagnose('model m = onnx("absent.onnx")').found).to.deep.equal(['L0810 5']);
    expect(diagnose('model m = relu("good.onnx")').found).to.deep.equal(['L0820 5']);
    expect(diagnose('model m = 3').found).to.deep.equal(['L0820 5']);
    expect(diagnose('model m = onnx(3)').found).to.deep.equal(['L0820 5']);
    expect(diagnose('model m = onnx()').found).to.deep.equal(['L0302 5']);
  });
  it('are refused where they are called', () => {
    expect(diagnose('model m = onnx("fixed.onnx")').found).to.deep.equal(['L0816 7']);
    expect(diagnose('model m = onnx("good.onnx")', 'm(d.c)').found).to.deep.equal(['L0816 7']);
    expect(diagnose('model m = onnx("good.onnx")', 'm(d.x, d.x)').found).to.deep.equal(['L0304 7']);
    expect(diagnose('model m = onnx("good.onnx")', 'm()').found).to.deep.equal(['L0302 7']);
    expect(diagnose('model m = onnx("good.onnx")', 'm(3)').found).to.deep.equal(['L0301 7']);
  });
  it('are looked at even if nothing calls them', () => {
    const { found } = diagnose('model m = onnx("good.onnx")\nmodel k = onnx("bad.onnx")');
    expect(found).to.deep.equal(['L0813 6']);
  });

  it('meet every code of the importer', () => {
    const codes = importExplanations.map(({ code }) => code);
    expect(codes.filter((code) => !met.has(code))).to.deep.equal([]);
  });
});
