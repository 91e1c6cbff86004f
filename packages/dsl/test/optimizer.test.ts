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

function run(name: string, fields: RecordValue['fields'], reference: Reference, tolerance: number): void {
  const start = Float32Array.of(1, -2, 0.5, 3.25);
  const target = Float32Array.of(0.25, 0.5, 0.5, -1);
  const ctx = stepContext({ precision: 2, training: true, steps: STEPS, datasets: [] });
  const weight = ctx.weight('w', [4], { kind: 'constant', value: 0 });
  const gradient = ctx.builder.add('Sub', [weight, ctx.builder.constant(target, [4])]);
  ctx.store('w', OPTIMIZERS[name]!(ctx, { name: 'w', weight, gradient }, fields));
  finishState(ctx);
  const graph = ctx.builder.build();
  const rates = ratesOf(fields['lr'] as number | RecordValue, STEPS);

  let state: Record<string, TensorValue> = {};
  for (const node of graph.nodes) {
    if (node.op !== 'Input') continue;
    const data = node.type.dtype === 'i32' ? new Int32Array(1) : new Float32Array(4);
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

  it('has a rule for every optimiser of the library', () => {
    expect(Object.keys(OPTIMIZERS).sort()).to.deep.equal(
      recordFunctions
        .filter(({ kind }) => kind === 'optimizer')
        .map(({ name }) => name)
        .sort(),
    );
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
