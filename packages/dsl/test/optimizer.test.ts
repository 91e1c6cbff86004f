import { expect } from 'chai';
import { evaluate, type TensorValue } from '@gensyn/ir';
import { OPTIMIZERS } from '../src/lowering/optimizer.js';
import { cosPi, ratesOf } from '../src/lowering/schedule.js';
import { finishState, stepContext } from '../src/lowering/step-context.js';
import type { RecordValue } from '../src/library/function.js';
import { recordFunctions } from '../src/library/index.js';

const STEPS = 25;

/** Fields of an optimiser with its defaults, as the checker would fill them in. */
function fieldsOf(name: string, given: RecordValue['fields']): RecordValue['fields'] {
  const { parameters } = recordFunctions.find((record) => record.name === name)!;
  const defaults = parameters.flatMap((p) => (p.default === undefined ? [] : [[p.name, p.default] as const]));
  return { ...Object.fromEntries(defaults), ...given };
}

const schedule = (name: string, fields: RecordValue['fields']): RecordValue => ({
  name,
  fields: fieldsOf(name, fields),
  span: undefined,
});

/** Minimises sum (w - target)^2 / 2 by hand in float64: textbook forms, the gradient at w being w - target. */
type Reference = (w: Float64Array, g: Float64Array, t: number, lr: number) => Float64Array;

/** Newton and Schulz on a 2 by 2 matrix in float64. */
function turned(g: Float64Array): Float64Array {
  const times = (a: Float64Array, b: Float64Array): Float64Array =>
    Float64Array.of(
      a[0]! * b[0]! + a[1]! * b[2]!,
      a[0]! * b[1]! + a[1]! * b[3]!,
      a[2]! * b[0]! + a[3]! * b[2]!,
      a[2]! * b[1]! + a[3]! * b[3]!,
    );
  const norm = Math.hypot(...g);
  let x = g.map((v) => v / norm);
  for (let turn = 0; turn < 5; turn++) {
    const square = times(x, Float64Array.of(x[0]!, x[2]!, x[1]!, x[3]!));
    const fourth = times(square, square);
    const right = times(
      square.map((v, i) => -4.775 * v + 2.0315 * fourth[i]!),
      x,
    );
    x = x.map((v, i) => 3.4445 * v + right[i]!);
  }
  return x;
}

function run(
  name: string,
  fields: RecordValue['fields'],
  reference: Reference,
  tolerance: number,
  shape: readonly number[] = [4],
): void {
  const start = Float32Array.of(1, -2, 0.5, 3.25);
  const target = Float32Array.of(0.25, 0.5, 0.5, -1);
  const ctx = stepContext({ precision: 3, training: true, steps: STEPS, datasets: [] });
  const weight = ctx.weight('w', shape, { kind: 'constant', value: 0 });
  const gradient = ctx.builder.add('Sub', [weight, ctx.builder.constant(target, shape)]);
  ctx.store('w', OPTIMIZERS[name]!(ctx, { name: 'w', weight, gradient }, fields));
  finishState(ctx);
  const graph = ctx.builder.build();
  const rates = ratesOf(fields['lr'] as number | RecordValue, STEPS);

  let state: Record<string, TensorValue> = {};
  for (const node of graph.nodes) {
    if (node.op !== 'Input') continue;
    const size = node.type.shape.reduce((a, b) => a * b, 1);
    const data = node.type.dtype === 'i32' ? new Int32Array(1) : new Float32Array(size);
    state[node.name!] = { ...node.type, data: node.name === 'w' ? start : data };
  }
  let w = Float64Array.from(start);
  for (let t = 0; t < STEPS; t++) {
    const values = evaluate(graph, state);
    state = Object.fromEntries(
      graph.outputs
        .filter(({ role }) => role === 'state')
        .map((output) => [output.name, values[output.node]!]),
    );
    w = Float64Array.from(
      reference(
        w,
        w.map((x, i) => x - target[i]!),
        t + 1,
        rates[t]!,
      ),
    );
    w.forEach((x, i) =>
      expect(state['w']!.data[i], `${name}: w[${i}] after step ${t + 1}`).to.be.closeTo(x, tolerance),
    );
  }
}

function moments(fields: RecordValue['fields']): (g: Float64Array, t: number) => Float64Array {
  const [b1, b2, e] = ['beta1', 'beta2', 'epsilon'].map((key) => fields[key] as number);
  const m = new Float64Array(4);
  const v = new Float64Array(4);
  return (g, t) =>
    g.map((x, i) => {
      m[i] = b1! * m[i]! + (1 - b1!) * x;
      v[i] = b2! * v[i]! + (1 - b2!) * x * x;
      return m[i]! / (1 - b1! ** t) / (Math.sqrt(v[i]! / (1 - b2! ** t)) + e!);
    });
}

describe('optimisers against their textbook forms in float64', () => {
  it('sgd', () =>
    run('sgd', fieldsOf('sgd', { lr: 0.1 }), (w, g, _t, lr) => w.map((x, i) => x - lr * g[i]!), 1e-6));

  for (const nesterov of [false, true]) {
    it(`sgd with momentum${nesterov ? ', Nesterov' : ''} and weight decay`, () => {
      const m = new Float64Array(4);
      run(
        'sgd',
        fieldsOf('sgd', { lr: 0.05, momentum: 0.9, weight_decay: 0.01, nesterov }),
        (w, g, _t, lr) => {
          return w.map((x, i) => {
            const d = g[i]! + 0.01 * x;
            m[i] = 0.9 * m[i]! + d;
            return x - lr * (nesterov ? d + 0.9 * m[i]! : m[i]!);
          });
        },
        2e-6,
      );
    });
  }

  it('adam', () => {
    const fields = fieldsOf('adam', { lr: schedule('cosine', { peak: 0.05, warmup: 3 }) });
    const direction = moments(fields);
    run(
      'adam',
      fields,
      (w, g, t, lr) => {
        const d = direction(g, t);
        return w.map((x, i) => x - lr * d[i]!);
      },
      2e-6,
    );
  });

  it('adamw', () => {
    const fields = fieldsOf('adamw', { lr: 0.05, weight_decay: 0.1 });
    const direction = moments(fields);
    run(
      'adamw',
      fields,
      (w, g, t, lr) => {
        const d = direction(g, t);
        return w.map((x, i) => x * (1 - lr * 0.1) - lr * d[i]!);
      },
      2e-6,
    );
  });

  it('lion', () => {
    const fields = fieldsOf('lion', { lr: 0.01, weight_decay: 0.1 });
    const m = new Float64Array(4);
    run(
      'lion',
      fields,
      (w, g, _t, lr) =>
        w.map((x, i) => {
          const sign = Math.sign(0.9 * m[i]! + 0.1 * g[i]!);
          m[i] = 0.99 * m[i]! + 0.01 * g[i]!;
          return x * (1 - lr * 0.1) - lr * sign;
        }),
      2e-6,
    );
  });

  it('muon, a vector', () => {
    const fields = fieldsOf('muon', { lr: 0.05, weight_decay: 0.1 });
    const direction = moments(fields);
    run(
      'muon',
      fields,
      (w, g, t, lr) => {
        const d = direction(g, t);
        return w.map((x, i) => x * (1 - lr * 0.1) - lr * d[i]!);
      },
      2e-6,
    );
  });

  for (const [rows, columns] of [
    [2, 2],
    [4, 1],
  ] as const) {
    it(`muon, ${rows} by ${columns}`, () => {
      const fields = fieldsOf('muon', { lr: 0.05, weight_decay: 0.1 });
      const m = new Float64Array(4);
      const direction = moments(fields);
      run(
        'muon',
        fields,
        (w, g, t, lr) => {
          const ahead = g.map((x, i) => x + 0.95 * (m[i] = 0.95 * m[i]! + x));
          const update = columns === 1 ? direction(g, t) : turned(ahead).map((x) => x * 0.2 * Math.SQRT2);
          return w.map((x, i) => x * (1 - lr * 0.1) - lr * update[i]!);
        },
        2e-5,
        [rows, columns],
      );
    });
  }

  for (const [what, shape] of [
    ['a vector', [4]],
    ['2 by 2', [2, 2]],
    ['a kernel of 2 by 1 by 2', [2, 1, 2]],
    ['1 by 4', [1, 4]],
  ] as const) {
    it(`adafactor, ${what}`, () => {
      const fields = fieldsOf('adafactor', {
        lr: schedule('cosine', { peak: 0.05, warmup: 3 }),
        weight_decay: 0.1,
        clip: 0.8,
      });
      const beta = Math.fround(0.999);
      // The means of rows and columns, each for its elements; of a vector the squares themselves.
      const matrix = shape[0] === 2;
      const parts = (x: Float64Array): Float64Array[] =>
        matrix
          ? [
              Float64Array.of((x[0]! + x[1]!) / 2, (x[2]! + x[3]!) / 2),
              Float64Array.of((x[0]! + x[2]!) / 2, (x[1]! + x[3]!) / 2),
            ]
          : [x];
      let kept = parts(new Float64Array(4));
      run(
        'adafactor',
        fields,
        (w, g, t, lr) => {
          const now = parts(g.map((x) => x * x));
          kept = kept.map((part, k) => part.map((x, i) => beta * x + (1 - beta) * now[k]![i]!));
          const [rows, columns] = kept;
          const v = g.map((_, i) =>
            matrix ? (rows![i >> 1]! * columns![i & 1]!) / ((rows![0]! + rows![1]!) / 2) : rows![i]!,
          );
          const u = g.map((x, i) => x / (Math.sqrt(v[i]! / (1 - beta ** t)) + 1e-8));
          const rms = Math.sqrt(u.reduce((sum, x) => sum + x * x, 0) / 4);
          return w.map((x, i) => x * (1 - 0.1 * lr) - (lr * u[i]!) / Math.max(1, rms / 0.8));
        },
        2e-6,
        shape,
      );
    });
  }

  it('adafactor keeps rows and columns alone', () => {
    const ctx = stepContext({ precision: 2, training: true, steps: 10, datasets: [] });
    const weight = ctx.weight('w', [300, 40], { kind: 'constant', value: 0 });
    const fields = fieldsOf('adafactor', { lr: 0.01 });
    ctx.store('w', OPTIMIZERS['adafactor']!(ctx, { name: 'w', weight, gradient: weight }, fields));
    expect([...ctx.states].map(([name, { value }]) => [name, value.shape])).to.deep.equal([
      ['w', [300, 40]],
      ['w.rows', [300, 1]],
      ['w.columns', [1, 40]],
    ]);
  });

  it('has a rule for every optimiser of the library', () => {
    expect(Object.keys(OPTIMIZERS).sort()).to.deep.equal(
      recordFunctions
        .filter(({ kind }) => kind === 'optimizer')
        .map(({ name }) => name)
        .sort(),
    );
  });
});

describe('tables of a run of many steps', () => {
  it('are there once for all weights', () => {
    const ctx = stepContext({ precision: 2, training: true, steps: 10_000, datasets: [] });
    const fields = fieldsOf('adamw', { lr: schedule('cosine', { peak: 0.05 }), weight_decay: 0.1 });
    for (const name of ['a', 'b', 'c']) {
      const weight = ctx.weight(name, [4], { kind: 'constant', value: 0 });
      ctx.store(name, OPTIMIZERS['adamw']!(ctx, { name, weight, gradient: weight }, fields));
    }
    finishState(ctx);
    const long = ctx.builder.build().nodes.filter(({ data }) => data?.length === 10_000);
    expect(long).to.have.length(3);
  });
});

describe('schedules', () => {
  it('cosPi agrees with Math.cos', () => {
    for (let i = 0; i <= 1000; i++)
      expect(cosPi(i / 1000)).to.be.closeTo(Math.cos((Math.PI * i) / 1000), 1e-15);
  });

  it('warm up, hold, fall', () => {
    expect([...ratesOf(0.5, 3)]).to.deep.equal([0.5, 0.5, 0.5]);
    expect([...ratesOf(schedule('constant', { peak: 1, warmup: 2 }), 4)]).to.deep.equal([0.5, 1, 1, 1]);
    expect([...ratesOf(schedule('linear', { peak: 1 }), 5)]).to.deep.equal([1, 0.75, 0.5, 0.25, 0]);
    expect([...ratesOf(schedule('step', { peak: 1, every: 2, factor: 0.5 }), 5)]).to.deep.equal([
      1, 1, 0.5, 0.5, 0.25,
    ]);
    const cosine = [...ratesOf(schedule('cosine', { peak: 1, floor: 0.5 }), 3)];
    [1, 0.75, 0.5].forEach((rate, i) => expect(cosine[i]).to.be.closeTo(rate, 1e-15));
  });

  it('fits a warm-up longer than the run', () => {
    expect([...ratesOf(schedule('cosine', { peak: 1, warmup: 10 }), 2)]).to.deep.equal([0.5, 1]);
  });
});
