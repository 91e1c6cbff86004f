/** Networks as PyTorch exports them, made small: a residual block, an inverted residual block, a GPT-2 block, and a decomposed one. */
import { tensorFromF32, tensorFromI64, type ModelProto, type NodeProto, type TensorProto } from '@gensyn/ir';
import { input, model, node, weight } from './make-model.js';

const i64 = (name: string, values: readonly number[], dims = [values.length]): TensorProto =>
  tensorFromI64(name, dims, BigInt64Array.from(values, BigInt));
const f32 = (name: string, value: number): TensorProto => tensorFromF32(name, [], Float32Array.of(value));
const positive = (name: string, dims: readonly number[]): TensorProto => {
  const { rawData, ...rest } = weight(name, dims, 0.4);
  const data = new Float32Array(rawData!.slice().buffer).map((x) => 1 + x);
  return { ...rest, rawData: new Uint8Array(data.buffer) };
};

interface Draft {
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
}

const draft = (): Draft => ({ nodes: [], initializers: [] });

function conv(
  d: Draft,
  x: string,
  y: string,
  shape: readonly number[],
  settings: Record<string, number | number[]>,
): void {
  d.initializers.push(weight(`${y}.weight`, shape, 0.6));
  d.nodes.push(node('Conv', [x, `${y}.weight`], [y], { kernel_shape: shape.slice(2), ...settings }));
}

function batchNorm(d: Draft, x: string, y: string, channels: number): void {
  const names = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${y}.${name}`);
  d.initializers.push(
    positive(names[0]!, [channels]),
    weight(names[1]!, [channels]),
    weight(names[2]!, [channels]),
    positive(names[3]!, [channels]),
  );
  d.nodes.push(node('BatchNormalization', [x, ...names], [y], { epsilon: 1e-5, momentum: 0.9 }));
}

function head(d: Draft, x: string, channels: number): void {
  d.initializers.push(weight('fc.weight', [5, channels]), weight('fc.bias', [5]));
  d.nodes.push(
    node('GlobalAveragePool', [x], ['pooled']),
    node('Flatten', ['pooled'], ['flat'], { axis: 1 }),
    node('Gemm', ['flat', 'fc.weight', 'fc.bias'], ['y'], { transB: 1 }),
  );
}

/** ResNet-18: stem, one block with a projection, head. */
export function residual(): ModelProto {
  const d = draft();
  conv(d, 'x', 'conv1', [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] });
  batchNorm(d, 'conv1', 'bn1', 4);
  d.nodes.push(
    node('Relu', ['bn1'], ['relu1']),
    node('MaxPool', ['relu1'], ['pool'], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceil_mode: 0,
    }),
  );
  conv(d, 'pool', 'conv2', [6, 4, 3, 3], { pads: [1, 1, 1, 1] });
  batchNorm(d, 'conv2', 'bn2', 6);
  d.nodes.push(node('Relu', ['bn2'], ['relu2']));
  conv(d, 'relu2', 'conv3', [6, 6, 3, 3], { pads: [1, 1, 1, 1] });
  batchNorm(d, 'conv3', 'bn3', 6);
  conv(d, 'pool', 'down', [6, 4, 1, 1], {});
  batchNorm(d, 'down', 'bn4', 6);
  d.nodes.push(node('Add', ['bn3', 'bn4'], ['sum']), node('Relu', ['sum'], ['relu3']));
  head(d, 'relu3', 6);
  return model({ ...d, inputs: [input('x', ['batch', 3, 10, 10])] });
}

/** MobileNet-v2: expand, depthwise, project, add, ReLU6 by Clip. */
export function invertedResidual(): ModelProto {
  const d = draft();
  d.initializers.push(f32('zero', 0), f32('six', 6));
  conv(d, 'x', 'expand', [8, 4, 1, 1], {});
  batchNorm(d, 'expand', 'bn1', 8);
  d.nodes.push(node('Clip', ['bn1', 'zero', 'six'], ['relu1']));
  conv(d, 'relu1', 'depthwise', [8, 1, 3, 3], {
    group: 8,
    pads: [1, 1, 1, 1],
    strides: [1, 1],
    dilations: [1, 1],
  });
  batchNorm(d, 'depthwise', 'bn2', 8);
  d.nodes.push(node('Clip', ['bn2', 'zero', 'six'], ['relu2']));
  conv(d, 'relu2', 'project', [4, 8, 1, 1], {});
  batchNorm(d, 'project', 'bn3', 4);
  d.nodes.push(node('Add', ['x', 'bn3'], ['sum']));
  head(d, 'sum', 4);
  return model({ ...d, inputs: [input('x', ['batch', 4, 5, 5])] });
}

const WIDTH = 8;
const HEADS = 2;

/** A GPT-2 block with embeddings as `torch.onnx.export` writes it: shapes from Shape and Concat, a causal mask by Slice and Where. */
export function gptBlock(): ModelProto {
  const d = draft();
  const vocabulary = 11;
  const positions = 16;
  const mask = new Uint8Array(positions * positions);
  for (let row = 0; row < positions; row++) mask.fill(1, row * positions, row * positions + row + 1);
  d.initializers.push(
    weight('wte', [vocabulary, WIDTH]),
    weight('wpe', [positions, WIDTH]),
    { name: 'mask', dims: [1, 1, positions, positions], dataType: 9, rawData: mask },
    i64('0', [0]),
    i64('1', [1]),
    i64('2', [2]),
    i64('3', [3]),
    i64('s0', [0], []),
    i64('s1', [1], []),
    i64('heads', [HEADS]),
    i64('size', [WIDTH / HEADS]),
    i64('width', [WIDTH]),
    i64('max', [9223372036854775000]),
    f32('lowest', -3.4028234663852886e38),
  );
  const { nodes, initializers } = d;
  const add = (...args: Parameters<typeof node>): void => void nodes.push(node(...args));
  add('Shape', ['x'], ['shape']);
  add('Gather', ['shape', 's0'], ['batch'], { axis: 0 });
  add('Gather', ['shape', 's1'], ['length'], { axis: 0 });
  add('Range', ['s0', 'length', 's1'], ['range']);
  add('Unsqueeze', ['range', '0'], ['position_ids']);
  add('Gather', ['wte', 'x'], ['tokens']);
  add('Gather', ['wpe', 'position_ids'], ['places']);
  add('Add', ['tokens', 'places'], ['h0']);
  norm(d, 'h0', 'ln1');
  linear(d, 'ln1', 'attn', WIDTH, 3 * WIDTH);
  add('Split', ['attn'], ['q', 'k', 'v'], { axis: 2 });
  for (const name of ['batch', 'length']) add('Unsqueeze', [name, '0'], [`${name}1`]);
  add('Concat', ['batch1', 'length1', 'heads', 'size'], ['split'], { axis: 0 });
  for (const name of ['q', 'k', 'v']) {
    add('Reshape', [name, 'split'], [`${name}4`]);
    add('Transpose', [`${name}4`], [`${name}h`], { perm: name === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3] });
  }
  add('MatMul', ['qh', 'kh'], ['scores']);
  add('Cast', ['size'], ['sizef'], { to: 1 });
  add('Sqrt', ['sizef'], ['root']);
  add('Div', ['scores', 'root'], ['scaled']);
  add('Slice', ['mask', '0', 'length1', '2', '1'], ['rows']);
  add('Slice', ['rows', '0', 'length1', '3', '1'], ['causal']);
  add('Where', ['causal', 'scaled', 'lowest'], ['masked']);
  add('Softmax', ['masked'], ['weights'], { axis: -1 });
  add('MatMul', ['weights', 'vh'], ['mixed']);
  add('Transpose', ['mixed'], ['back'], { perm: [0, 2, 1, 3] });
  add('Concat', ['batch1', 'length1', 'width'], ['joined'], { axis: 0 });
  add('Reshape', ['back', 'joined'], ['flat']);
  linear(d, 'flat', 'proj', WIDTH, WIDTH);
  add('Add', ['h0', 'proj'], ['h1']);
  norm(d, 'h1', 'ln2');
  linear(d, 'ln2', 'fc', WIDTH, 4 * WIDTH);
  newGelu(d, 'fc', 'act');
  linear(d, 'act', 'out', 4 * WIDTH, WIDTH);
  add('Add', ['h1', 'out'], ['h2']);
  initializers.push(positive('lnf.weight', [WIDTH]), weight('lnf.bias', [WIDTH]));
  add('LayerNormalization', ['h2', 'lnf.weight', 'lnf.bias'], ['hf'], { axis: -1, epsilon: 1e-5 });
  add('Transpose', ['wte'], ['wteT'], { perm: [1, 0] });
  add('MatMul', ['hf', 'wteT'], ['y']);
  return model({ ...d, inputs: [input('x', ['batch', 'length'], 7)] });
}

/** LayerNorm as exported before opset 17. */
function norm({ nodes, initializers }: Draft, x: string, y: string): void {
  initializers.push(
    positive(`${y}.weight`, [WIDTH]),
    weight(`${y}.bias`, [WIDTH]),
    f32(`${y}.two`, 2),
    f32(`${y}.eps`, 1e-5),
  );
  nodes.push(
    node('ReduceMean', [x], [`${y}.mean`], { axes: [-1] }),
    node('Sub', [x, `${y}.mean`], [`${y}.d`]),
    node('Pow', [`${y}.d`, `${y}.two`], [`${y}.d2`]),
    node('ReduceMean', [`${y}.d2`], [`${y}.var`], { axes: [-1] }),
    node('Add', [`${y}.var`, `${y}.eps`], [`${y}.ve`]),
    node('Sqrt', [`${y}.ve`], [`${y}.std`]),
    node('Div', [`${y}.d`, `${y}.std`], [`${y}.n`]),
    node('Mul', [`${y}.n`, `${y}.weight`], [`${y}.s`]),
    node('Add', [`${y}.s`, `${y}.bias`], [y]),
  );
}

/** GPT-2's Conv1D: rows flattened by a Reshape, a Gemm, and the shape put back. */
function linear({ nodes, initializers }: Draft, x: string, y: string, from: number, to: number): void {
  initializers.push(
    weight(`${y}.weight`, [from, to], 0.4),
    weight(`${y}.bias`, [to], 0.2),
    i64(`${y}.rows`, [-1, from]),
    i64(`${y}.to`, [to]),
  );
  nodes.push(
    node('Shape', [x], [`${y}.shape`]),
    node('Slice', [`${y}.shape`, '0', '2', '0'], [`${y}.lead`]),
    node('Concat', [`${y}.lead`, `${y}.to`], [`${y}.wide`], { axis: 0 }),
    node('Reshape', [x, `${y}.rows`], [`${y}.flat`]),
    node('Gemm', [`${y}.flat`, `${y}.weight`, `${y}.bias`], [`${y}.gemm`], { alpha: 1, beta: 1 }),
    node('Reshape', [`${y}.gemm`, `${y}.wide`], [y]),
  );
}

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), node by node. */
function newGelu({ nodes, initializers }: Draft, x: string, y: string): void {
  initializers.push(
    f32('three', 3),
    f32('cubic', 0.044715),
    f32('rate', Math.sqrt(2 / Math.PI)),
    f32('one', 1),
    f32('half', 0.5),
  );
  nodes.push(
    node('Mul', [x, 'half'], [`${y}.half`]),
    node('Pow', [x, 'three'], [`${y}.cube`]),
    node('Mul', [`${y}.cube`, 'cubic'], [`${y}.c`]),
    node('Add', [x, `${y}.c`], [`${y}.sum`]),
    node('Mul', [`${y}.sum`, 'rate'], [`${y}.r`]),
    node('Tanh', [`${y}.r`], [`${y}.t`]),
    node('Add', [`${y}.t`, 'one'], [`${y}.u`]),
    node('Mul', [`${y}.half`, `${y}.u`], [y]),
  );
}

/** A bit of everything else that has a derivative. */
export function mixture(): ModelProto {
  const d = draft();
  d.initializers.push(
    weight('w', [6, 6]),
    weight('g', [6]),
    weight('k', [2, 3, 3]),
    positive('slope', [1]),
    i64('axes', [1]),
    i64('last', [-1]),
    i64('pads', [0, 1, 0, 2]),
    i64('ends', [9]),
    i64('start', [1]),
    i64('step', [2]),
    f32('cap', 0.4),
    f32('floor', -0.3),
    f32('power', 1.5),
  );
  d.nodes.push(
    node('MatMul', ['x', 'w'], ['a']),
    node('Elu', ['a'], ['b'], { alpha: 0.7 }),
    node('Pad', ['b', 'pads'], ['c']),
    node('Slice', ['c', 'start', 'ends', 'axes', 'step'], ['d']),
    node('HardSwish', ['a'], ['e']),
    node('PRelu', ['e', 'slope'], ['f']),
    node('Unsqueeze', ['f', 'axes'], ['h']),
    node('Transpose', ['h'], ['i'], { perm: [0, 2, 1] }),
    node('Reshape', ['i', 'shape3'], ['j']),
    node('Conv', ['j', 'k'], ['l'], { kernel_shape: [3], auto_pad: 'SAME_UPPER' }),
    node('AveragePool', ['l'], ['m'], { kernel_shape: [2], pads: [1, 0] }),
    node('ReduceLogSumExp', ['m', 'axes'], ['o'], { keepdims: 0 }),
    node('Max', ['o', 'floor'], ['p']),
    node('Min', ['p', 'g2'], ['q']),
    node('Abs', ['a'], ['r']),
    node('Add', ['r', 'one'], ['s']),
    node('Pow', ['s', 'power'], ['t']),
    node('ReduceL2', ['t', 'last'], ['u'], { keepdims: 1 }),
    node('Div', ['a', 'u'], ['v']),
    node('Gelu', ['v'], ['w1'], { approximate: 'none' }),
    node('LogSoftmax', ['w1'], ['z'], { axis: 0 }),
    node('Concat', ['z', 'd', 'q'], ['all'], { axis: 1 }),
    node('Mish', ['all'], ['y']),
  );
  d.initializers.push(i64('shape3', [0, 3, 2]), weight('g2', [2], 1), f32('one', 1));
  return model({ ...d, inputs: [input('x', ['n', 6])], opset: 20 });
}
