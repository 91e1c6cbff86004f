/** The state of one elaboration: what is declared, what has been built, and how much of the budget is left. */
import type { Note, Span } from '@gensyn/ir';
import type { Diagnostics, DiagnosticDetail } from '../diagnostics/diagnostic.js';
import type { Scope } from '../library/function.js';
import { ArgumentError } from '../library/function.js';
import { at, weight } from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import type { OpenModel } from '../import/model-files.js';
import type { LoadedNetwork } from './call-network.js';
import type { Declarations } from './declarations.js';
import { inner } from './item.js';
import type { Environment } from './item.js';
import { MAX_CALLS, MAX_DEPTH, MAX_ELEMENTS, MAX_EVALUATIONS, MAX_PARAMETERS } from './limits.js';
import type { Dataset } from './program.js';

/** Thrown when a limit is met, after it has been reported; caught where the elaboration began. */
export class Exhausted extends Error {}

export interface Elaboration {
  readonly declarations: Declarations;
  readonly recursive: ReadonlySet<string>;
  readonly globals: Environment;
  readonly datasets: Map<string, Dataset>;
  /** Rows in a batch, as soon as it is known. */
  batch: number | undefined;
  /** By name, in the order in which they were made. */
  readonly weights: Map<string, Tensor>;
  /** Their elements together. */
  parameters: number;
  /** How many function bodies are under way: columns have no value inside one. */
  bodies: number;
  /** Functions and models that are called. */
  readonly called: Set<string>;
  report(code: string, message: string, detail?: DiagnosticDetail): void;
  /** A value that the job left unsaid. */
  defaulted(name: string, value: string): void;
  readonly defaults: ReadonlyMap<string, string>;
  /** Runs `body` inside the call of a function, so that diagnostics can tell how they were reached. */
  within<Result>(name: string, span: Span, body: () => Result): Result;
  /** One more expression inside the ones being evaluated; throws `Exhausted`. */
  enter<Result>(span: Span, body: () => Result): Result;
  /** One more operator or library call; throws `Exhausted`. */
  spend(span: Span): void;
  readonly streams: Map<number, string>;
  /** Reads the files of imported networks. */
  readonly openModel: OpenModel;
  /** Imported networks by name; undefined for one that could not be read, which has been reported. */
  readonly networks: Map<string, LoadedNetwork | undefined>;
}

export function begin(
  declarations: Declarations,
  recursive: ReadonlySet<string>,
  diagnostics: Diagnostics,
  openModel: OpenModel,
): Elaboration {
  const calls: Note[] = [];
  const defaults = new Map<string, string>();
  let depth = 0;
  let evaluations = 0;
  let spent = 0;
  function report(code: string, message: string, detail: DiagnosticDetail = {}): void {
    // The innermost calls tell enough.
    const notes = [...(detail.notes ?? []), ...calls.slice(-3).reverse()];
    diagnostics.report(code, message, { ...detail, notes });
  }
  function exhausted(code: string, message: string, span: Span): never {
    report(code, message, { span });
    throw new Exhausted(message);
  }
  return {
    declarations,
    recursive,
    globals: inner(undefined),
    datasets: new Map(),
    batch: undefined,
    weights: new Map(),
    parameters: 0,
    bodies: 0,
    called: new Set(),
    streams: new Map(),
    openModel,
    networks: new Map(),
    defaults,
    report,
    defaulted: (name, value) => void defaults.set(name, value),
    within(name, span, body) {
      calls.push({ message: `in this call of '${name}'`, span });
      try {
        return body();
      } finally {
        calls.pop();
      }
    },
    enter(span, body) {
      if (++evaluations > MAX_EVALUATIONS)
        exhausted('L0122', `the job takes more than ${MAX_EVALUATIONS} evaluations`, span);
      if (depth >= MAX_DEPTH)
        exhausted('L0121', `calls and expressions are nested more than ${MAX_DEPTH} deep`, span);
      depth++;
      try {
        return body();
      } finally {
        depth--;
      }
    },
    spend(span) {
      if (++spent > MAX_CALLS)
        exhausted('L0122', `the job needs more than ${MAX_CALLS} tensor operations`, span);
    },
  };
}

export const count = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** Where the calls of one function body put their weights: layers are numbered by name in the order of calls. */
export interface Frame {
  readonly path: string;
  readonly counters: Map<string, number>;
}

export function frame(path: string): Frame {
  return { path, counters: new Map() };
}

/** The path of the next call of `name` in this frame: `classifier.linear2`. */
export function nextPath({ path, counters }: Frame, name: string): string {
  const number = (counters.get(name) ?? 0) + 1;
  counters.set(name, number);
  return path === '' ? `${name}${number}` : `${path}.${name}${number}`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export function scopeOf(job: Elaboration, path: string, span: Span): Scope {
  return {
    path,
    weight(name, shape, init) {
      const full = `${path}.${name}`;
      if (!shape.every((dim) => Number.isSafeInteger(dim) && dim > 0) || count(shape) > MAX_ELEMENTS) {
        throw new ArgumentError(
          `the weight '${full}' would be [${shape.join(', ')}]: more than ${MAX_ELEMENTS} elements`,
        );
      }
      const known = job.weights.get(full);
      if (known !== undefined) {
        if (known.shape.join() === shape.join()) return known;
        throw new ArgumentError(
          `the weight '${full}' is [${known.shape.join(', ')}] from an earlier call of the model and would be [${shape.join(', ')}] here`,
        );
      }
      const made = at(span, () => weight(full, shape, init));
      job.weights.set(full, made);
      job.parameters += count(shape);
      if (job.parameters > MAX_PARAMETERS)
        throw new ArgumentError(`the weights together have more than ${MAX_PARAMETERS} elements`);
      return made;
    },
    stream(name) {
      const full = `${path}.${name}`;
      let number = hash(full);
      while ((job.streams.get(number) ?? full) !== full) number = (number + 1) >>> 0;
      job.streams.set(number, full);
      return number;
    },
  };
}
