/** Reads job.json as what it may be: a stranger's file. Every field is checked before anything uses it. */
import {
  GensynError,
  elements,
  type ColumnManifest,
  type DatasetManifest,
  type Manifest,
  type Shape,
  type ShardsManifest,
  type StateInit,
  type StateManifest,
} from '@gensyn/ir';

type Fields = Readonly<Record<string, unknown>>;

function fail(where: string, why: string): never {
  throw new GensynError('R0102', `job.json: ${where} ${why}`);
}

function object(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(where, 'is no object');
  return value as Fields;
}

function list(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) fail(where, 'is no list');
  if (value.length > most) fail(where, `has more than ${most} entries`);
  return value as readonly unknown[];
}

function text(fields: Fields, key: string, where: string): string {
  const value = fields[key];
  if (typeof value !== 'string' || value.length > 4096) fail(`${where}${key}`, 'is no text');
  return value as string;
}

function integer(
  fields: Fields,
  key: string,
  where: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
    fail(`${where}${key}`, `is no integer from ${least} to ${most}`);
  return value as number;
}

function number(fields: Fields, key: string, where: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(`${where}${key}`, 'is no number');
  return value as number;
}

function root(fields: Fields, key: string, where = ''): string {
  const value = text(fields, key, where);
  if (!/^[0-9a-f]{64}$/.test(value)) fail(`${where}${key}`, 'is no root of 64 hex digits');
  return value;
}

function oneOf<T extends string>(fields: Fields, key: string, where: string, options: readonly T[]): T {
  const value = options.find((option) => option === fields[key]);
  return value ?? fail(`${where}${key}`, `is none of ${options.join(', ')}`);
}

function shape(fields: Fields, key: string, where: string): Shape {
  const dims = list(fields[key], `${where}${key}`, 32).map((dim) => {
    if (typeof dim !== 'number' || !Number.isSafeInteger(dim) || dim < 0 || dim >= 2 ** 31)
      fail(`${where}${key}`, 'is no shape');
    return dim;
  });
  if (!(elements(dims) <= Number.MAX_SAFE_INTEGER / 8)) fail(`${where}${key}`, 'is no shape');
  return dims;
}

const SIZE = { u8: 1, i32: 4, f32: 4 } as const;

function column(value: unknown, where: string, rows: number): ColumnManifest {
  const fields = object(value, where);
  const at = `${where}.`;
  const storage = oneOf(fields, 'storage', at, ['u8', 'i32', 'f32']);
  const dims = shape(fields, 'dims', at);
  const rowShape = shape(fields, 'shape', at);
  const start = integer(fields, 'start', at, 0);
  const stride = integer(fields, 'stride', at, 0);
  const bytes = integer(fields, 'bytes', at, 0);
  if (bytes !== elements(dims) * SIZE[storage])
    fail(where, `announces ${bytes} bytes where its dims need ${elements(dims) * SIZE[storage]}`);
  if (start + (rows - 1) * stride + elements(rowShape) > elements(dims))
    fail(where, 'has rows beyond its end');
  const dtype = oneOf(fields, 'dtype', at, ['f32', 'i32']);
  if ((storage === 'f32') !== (dtype === 'f32') && storage !== 'u8')
    fail(where, `cannot feed ${dtype} from ${storage}`);
  return {
    ...(fields as unknown as ColumnManifest),
    name: text(fields, 'name', at),
    storage,
    shape: rowShape,
    dtype,
    dims,
    start,
    stride,
    min: number(fields, 'min', at),
    max: number(fields, 'max', at),
    file: text(fields, 'file', at),
    bytes,
    root: root(fields, 'root', at),
    divisor: number(fields, 'divisor', at),
    offset: number(fields, 'offset', at),
  };
}

function dataset(value: unknown, i: number): DatasetManifest {
  const where = `datasets[${i}]`;
  const fields = object(value, where);
  const rows = integer(fields, 'rows', `${where}.`, 1, 2 ** 31 - 2);
  const columns = list(fields['columns'], `${where}.columns`, 4096).map((c, k) =>
    column(c, `${where}.columns[${k}]`, rows),
  );
  return { name: text(fields, 'name', `${where}.`), rows, columns };
}

function init(value: unknown, where: string): StateInit {
  const fields = object(value, where);
  const kind = oneOf(fields, 'kind', `${where}.`, ['uniform', 'constant', 'given']);
  if (kind === 'constant') return { kind, value: number(fields, 'value', `${where}.`) };
  if (kind === 'given') return { kind, root: root(fields, 'root', `${where}.`) };
  return {
    kind,
    stream: integer(fields, 'stream', `${where}.`, 0, 2 ** 32 - 1),
    bound: number(fields, 'bound', `${where}.`),
  };
}

function state(value: unknown, i: number): StateManifest {
  const where = `state[${i}]`;
  const fields = object(value, where);
  const dtype = oneOf(fields, 'dtype', `${where}.`, ['f32', 'i32', 'bool']);
  const start = init(fields['init'], `${where}.init`);
  if (start.kind !== 'constant' && dtype !== 'f32') fail(where, 'is no f32 that could start so');
  return {
    name: text(fields, 'name', `${where}.`),
    dtype,
    shape: shape(fields, 'shape', `${where}.`),
    init: start,
  };
}

function predictions(
  fields: Fields,
  states: readonly StateManifest[],
  datasets: readonly DatasetManifest[],
): NonNullable<Manifest['predictions']> {
  const where = 'predictions.';
  const found = object(fields['predictions'], 'predictions');
  const [name, dataset] = [text(found, 'state', where), text(found, 'dataset', where)];
  const label = found['label'] === undefined ? undefined : text(found, 'label', where);
  const set = datasets.find((each) => each.name === dataset);
  const { shape: dims } = states.find((each) => each.name === name) ?? fail(`${where}state`, 'is no state');
  if (!set) fail(`${where}dataset`, 'is no data set');
  const [steps, batch] = [fields['steps'] as number, fields['batch'] as number];
  if (dims.length < 2 || dims[0] !== steps || dims[1] !== batch || steps !== Math.ceil(set.rows / batch))
    fail(`${where}state`, `does not hold the ${set.rows} rows of ${dataset}`);
  const classes = set.columns.find((each) => each.name === label);
  if (label !== undefined && (classes?.dtype !== 'i32' || elements(classes.shape) !== 1))
    fail(`${where}label`, 'is no column of classes');
  return { state: name, dataset, ...(label === undefined ? {} : { label }) };
}

/** Most replicas of a job: all of their states make that of a merge. */
const MAX_SHARDS = 64;

function shards(value: unknown): ShardsManifest {
  const fields = object(value, 'shards');
  const count = integer(fields, 'count', 'shards.', 2, MAX_SHARDS);
  const jobs = list(fields['jobs'], 'shards.jobs', MAX_SHARDS).map((job) =>
    root({ job }, 'job', 'shards.jobs: '),
  );
  if (jobs.length !== count) fail('shards.jobs', `does not name ${count} jobs`);
  return {
    count,
    sync: integer(fields, 'sync', 'shards.', 1, 2 ** 32 - 2),
    jobs,
    merge: root(fields, 'merge', 'shards.'),
  };
}

/** Errors: R0102 naming the field. */
export function parseManifest(json: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new GensynError('R0102', 'job.json is no JSON', {
      help: 'The file was cut short or changed; compile the job again.',
    });
  }
  const fields = object(value, 'the file');
  if (fields['format'] !== 'gensyn-job/1')
    fail('format', `is ${JSON.stringify(fields['format'])?.slice(0, 40)}, not gensyn-job/1`);
  const sizes = object(fields['size'], 'size');
  const datasets = list(fields['datasets'], 'datasets', 256).map(dataset);
  const states = list(fields['state'], 'state', 65_536).map(state);
  const first = states[0];
  if (first?.name !== 'step' || first.dtype !== 'i32' || first.shape.length !== 0)
    fail('state[0]', 'is not the step counter, i32[]');
  if (new Set(states.map(({ name }) => name)).size !== states.length)
    fail('state', 'names two tensors alike');
  const holdoutRows = integer(fields, 'holdoutRows', '', 0, 2 ** 31);
  if (datasets[0] && holdoutRows >= datasets[0].rows) fail('holdoutRows', 'leaves no row to train on');
  const sample = number(fields, 'sample', '');
  if (!(sample >= 0 && sample <= 1)) fail('sample', 'is no fraction');
  const healthBound = number(fields, 'healthBound', '');
  if (!(healthBound > 0)) fail('healthBound', 'is not positive');
  const stateBytes = states.reduce(
    (sum, entry) => sum + elements(entry.shape) * (entry.dtype === 'bool' ? 1 : 4),
    0,
  );
  return {
    format: 'gensyn-job/1',
    name: text(fields, 'name', ''),
    compiler: text(fields, 'compiler', ''),
    graphRoot: root(fields, 'graphRoot'),
    evalRoot: root(fields, 'evalRoot'),
    dataRoot: root(fields, 'dataRoot'),
    initRoot: root(fields, 'initRoot'),
    seed: integer(fields, 'seed', '', 0, 2 ** 32 - 1),
    batch: integer(fields, 'batch', '', 1, 2 ** 31 - 1),
    steps: integer(fields, 'steps', '', 1, 2 ** 32 - 1),
    checkpointEvery: integer(fields, 'checkpointEvery', '', 1, 2 ** 32 - 1),
    sample,
    holdoutRows,
    precision: integer(fields, 'precision', '', 1, 3) as 1 | 2 | 3,
    datasets,
    state: states,
    metrics: list(fields['metrics'], 'metrics', 256).map((metric) =>
      typeof metric === 'string' ? metric : fail('metrics', 'holds something else than names'),
    ),
    healthBound,
    ...(fields['predictions'] === undefined ? {} : { predictions: predictions(fields, states, datasets) }),
    size: {
      parameters: integer(sizes, 'parameters', 'size.', 0),
      // Memory is planned by this, so it is counted rather than believed.
      stateBytes,
      nodes: integer(sizes, 'nodes', 'size.', 0),
      workPerStep: integer(sizes, 'workPerStep', 'size.', 0),
    },
    parameters: object(fields['parameters'], 'parameters') as Manifest['parameters'],
    defaults: object(fields['defaults'], 'defaults') as Manifest['defaults'],
    ...(fields['shards'] === undefined ? {} : { shards: shards(fields['shards']) }),
    ...(fields['market'] === undefined
      ? {}
      : { market: object(fields['market'], 'market') as unknown as NonNullable<Manifest['market']> }),
  };
}
