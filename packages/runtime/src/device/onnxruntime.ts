/** The one door to onnxruntime: sessions with settings that keep bits, quiet logs, and errors of our own. */
import {
  GensynError,
  encodeModel,
  type ModelProto,
  type TensorData,
  type TensorValue,
  type DType,
} from '@gensyn/ir';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

export type Runtime = typeof import('onnxruntime-node');

let loaded: Promise<Runtime> | undefined;

/** Loads onnxruntime once. Errors: R0301 when its native library is missing or does not fit this machine. */
export function loadRuntime(): Promise<Runtime> {
  // It would keep a database of events below the user's home and send them to its maker.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  loaded ??= import('onnxruntime-node').then(
    (module) => {
      const runtime = (module as unknown as { default?: Runtime }).default ?? module;
      // Errors reach the caller as exceptions; the library's own lines on stderr would only repeat them.
      runtime.env.logLevel = 'fatal';
      return runtime;
    },
    (cause: unknown) => {
      throw new GensynError('R0301', 'onnxruntime cannot be loaded on this machine', {
        notes: [{ message: firstLine(cause) }],
        cause,
      });
    },
  );
  return loaded;
}

/**
 * How long a thread without work spins before it sleeps: about as long as it takes to wake it. By default they spin for some 20 ms, from
 * when a session is made and after each operator, at the cost of whatever else wants the processor; the session's other threads not least.
 */
const SPIN_MICROSECONDS = 100;

export interface SessionSettings {
  readonly threads: number;
  readonly providers: InferenceSession.SessionOptions['executionProviders'];
  readonly outputs?: InferenceSession.SessionOptions['preferredOutputLocation'];
}

/**
 * A session that computes what the model says and nothing else: graph optimisation stays off, because it fuses, re-associates and
 * drops the rounding trick. Errors: R0303.
 */
export async function createSession(model: ModelProto, settings: SessionSettings): Promise<InferenceSession> {
  const runtime = await loadRuntime();
  try {
    return await runtime.InferenceSession.create(encodeModel(model), {
      executionProviders: settings.providers ?? ['cpu'],
      graphOptimizationLevel: 'disabled',
      executionMode: 'sequential',
      intraOpNumThreads: settings.threads,
      interOpNumThreads: 1,
      // Without the arena every large value is mapped and cleared anew: several times slower.
      enableCpuMemArena: true,
      // A pattern asks for one block as large as a whole step beside those that the first run made: half as much memory again, and no faster.
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: { session: { intra_op: { spin_duration_us: `${SPIN_MICROSECONDS}` } } },
      ...(settings.outputs === undefined ? {} : { preferredOutputLocation: settings.outputs }),
    });
  } catch (cause) {
    throw wrap('onnxruntime does not accept the model', cause);
  }
}

/** Runs a session. Errors: R0303, R0502 when memory ran out. */
export async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches?: InferenceSession.FetchesType,
): Promise<InferenceSession.ReturnType> {
  try {
    return fetches ? await session.run(feeds, fetches) : await session.run(feeds);
  } catch (cause) {
    throw wrap('onnxruntime failed', cause);
  }
}

function wrap(message: string, cause: unknown): GensynError {
  if (cause instanceof GensynError) return cause;
  const text = firstLine(cause);
  if (/bad_alloc|failed to allocate|out of memory|Array buffer allocation/i.test(text)) {
    return new GensynError('R0502', 'there is not enough memory for this job', {
      notes: [{ message: text }],
      cause,
    });
  }
  return new GensynError('R0303', message, { notes: [{ message: text }], cause });
}

/** The first line of a foreign error, without paths of the machine that built the library. */
export function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text
    .split('\n')[0]!
    .replace(/\/[^\s:]*\/(onnxruntime\/)/g, '$1')
    .slice(0, 400);
}

const ELEMENT = { f32: 'float32', i32: 'int32', bool: 'bool' } as const satisfies Record<DType, string>;

/** A tensor of onnxruntime over the same bytes, not a copy. */
export function toTensor(runtime: Runtime, value: TensorValue): Tensor {
  return new runtime.Tensor(ELEMENT[value.dtype], value.data as never, [...value.shape]);
}

/** A tensor that lies in main memory, as a value over the same bytes. */
export function fromTensor(tensor: Tensor, dtype: DType): TensorValue {
  return { dtype, shape: tensor.dims, data: tensor.data as TensorData };
}
