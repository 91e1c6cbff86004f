/** The names a job declares, each once. */
import type { Span } from '@gensyn/ir';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type {
  Data,
  FunctionNode,
  Item,
  Let,
  NetworkImport,
  Param,
  Shards,
  Terms,
  Train,
} from '../syntax/ast.js';
import type { LibraryFunction, RecordFunction } from '../library/function.js';
import { constantFunctions } from './constant-functions.js';
import { MAX_FUNCTIONS } from './limits.js';

/** Everything a job can call without declaring it. */
export interface Library {
  readonly functions: readonly LibraryFunction[];
  readonly records: readonly RecordFunction[];
}

export interface Declarations {
  /** In the order in which they are evaluated. */
  readonly constants: readonly (Param | Let)[];
  readonly functions: ReadonlyMap<string, FunctionNode>;
  /** Models that are read from ONNX files. */
  readonly networks: ReadonlyMap<string, NetworkImport>;
  readonly data: ReadonlyMap<string, Data>;
  readonly train: Train | undefined;
  readonly predict: Train | undefined;
  readonly shards: Shards | undefined;
  readonly verify: Terms | undefined;
  readonly market: Terms | undefined;
  readonly libraryFunctions: ReadonlyMap<string, LibraryFunction>;
  readonly records: ReadonlyMap<string, RecordFunction>;
}

export function declare(items: readonly Item[], library: Library, diagnostics: Diagnostics): Declarations {
  const seen = new Map<string, Span>();
  const constants: (Param | Let)[] = [];
  const functions = new Map<string, FunctionNode>();
  const networks = new Map<string, NetworkImport>();
  const data = new Map<string, Data>();
  const blocks = new Map<string, Train | Shards | Terms>();
  const libraryFunctions = new Map(library.functions.map((each) => [each.name, each]));
  const records = new Map(library.records.map((each) => [each.name, each]));

  function isNew(name: string, span: Span): boolean {
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, span);
      return true;
    }
    diagnostics.report('L0203', `'${name}' is declared twice`, {
      span,
      notes: [{ message: 'first declared here', span: first }],
    });
    return false;
  }

  for (const item of items) {
    if (item.kind === 'import') continue;
    if (!('name' in item)) {
      const first = blocks.get(item.kind);
      if (first === undefined) blocks.set(item.kind, item);
      else {
        diagnostics.report(
          'L0502',
          `a job has one ${item.kind} ${item.kind === 'shards' ? 'line' : 'block'}`,
          {
            span: item.span,
            notes: [{ message: 'the first one is here', span: first.span }],
          },
        );
      }
      continue;
    }
    const { name, span } = item.name;
    if (!isNew(name, span)) continue;
    if (item.kind === 'data') data.set(name, item);
    else if (item.kind === 'param' || item.kind === 'let') constants.push(item);
    else {
      if (libraryFunctions.has(name) || records.has(name) || constantFunctions.has(name)) {
        diagnostics.report('L0207', `'${name}' is a function of the library and cannot be declared again`, {
          span,
        });
      } else if (functions.size + networks.size >= MAX_FUNCTIONS) {
        diagnostics.report('L0122', `a job has at most ${MAX_FUNCTIONS} functions`, { span });
      } else if (item.kind === 'network') networks.set(name, item);
      else functions.set(name, item);
    }
  }
  return {
    constants,
    functions,
    networks,
    data,
    train: blocks.get('train') as Train | undefined,
    predict: blocks.get('predict') as Train | undefined,
    shards: blocks.get('shards') as Shards | undefined,
    verify: blocks.get('verify') as Terms | undefined,
    market: blocks.get('market') as Terms | undefined,
    libraryFunctions,
    records,
  };
}
