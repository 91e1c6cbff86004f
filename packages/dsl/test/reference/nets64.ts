/** Normalisations by channel, attention and losses by row in float64. */
import { logSoftmax, moments, rows } from './evaluate64.js';
import { coordinates, size, type Row } from './places.js';

/** Applies f to the elements of each channel (axis 1), and puts back what it makes of them. */
function byChannel(
  shape: readonly number[],
  data: Float64Array,
  f: (channel: Float64Array) => ArrayLike<number>,
): Float64Array {
  const members: number[][] = Array.from({ length: shape[1]! }, () => []);
  for (let i = 0; i < data.length; i++) members[coordinates(i, shape)[1]!]!.push(i);
  const results = members.map((at) => f(Float64Array.from(at, (i) => data[i]!)));
  if (results[0]!.length === 1) return Float64Array.from(results, (r) => r[0]!);
  const out = new Float64Array(data.length);
  members.forEach((at, c) => at.forEach((i, k) => (out[i] = results[c]![k]!)));
  return out;
}

const inverseRms = (row: Float64Array, epsilon: number): number =>
  1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length + epsilon);

export const NETS: Readonly<Record<string, Row>> = {
  channel_mean: ({ inputs: [x] }, [data]) =>
    byChannel(x!.shape, data!, (c) => [c.reduce((a, b) => a + b, 0) / c.length]),
  batch_normalize: ({ shape, attributes }, [data]) =>
    byChannel(shape, data!, (c) => {
      const { mean, inverse } = moments(c, attributes['epsilon'] as number);
      return c.map((x) => (x - mean) * inverse);
    }),
  channel_inverse_deviation: ({ inputs: [x], attributes }, [data]) =>
    byChannel(x!.shape, data!, (c) => [moments(c, attributes['epsilon'] as number).inverse]),
  rms_normalize: (tensor, inputs) =>
    rows((row) => {
      const inverse = inverseRms(row, tensor.attributes['epsilon'] as number);
      return row.map((x) => x * inverse);
    })(tensor, inputs),
  inverse_rms: (tensor, inputs) =>
    rows((row) => [inverseRms(row, tensor.attributes['epsilon'] as number)])(tensor, inputs),
  causal_softmax({ shape }, [data]) {
    const t = shape.at(-1)!;
    const out = new Float64Array(size(shape));
    for (let row = 0; row < out.length / t; row++) {
      const seen = (row % t) + 1;
      out.set(logSoftmax(data!.slice(row * t, row * t + seen)).map(Math.exp), row * t);
    }
    return out;
  },
  surprise({ inputs: [logits] }, [x, labels]) {
    const width = logits!.shape.at(-1)!;
    return Float64Array.from(
      labels!,
      (label, i) => -logSoftmax(x!.subarray(i * width, (i + 1) * width))[label]!,
    );
  },
};
