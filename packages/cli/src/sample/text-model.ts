/** What a job's model reads and foretells, if it is one of text: a window of characters or bytes, and which come next. */
import type { Program } from '@gensyn/dsl';
import { GensynError, elements, type Manifest } from '@gensyn/ir';

export interface TextModel {
  /** Name of the input that takes the window, and its shape, of one row. */
  readonly input: string;
  readonly shape: readonly number[];
  /** Tokens in a window. */
  readonly window: number;
  /** The model says after each token of its window which comes next; else only after the last. */
  readonly everywhere: boolean;
  readonly level: 'char' | 'byte';
  /** Tokens below this one can be read and foretold. */
  readonly tokens: number;
  /** Characters of a text by characters, and the token of the first. */
  readonly alphabet: readonly string[];
  readonly alphabetStart: number;
  /** The token around lines, where lines are texts of their own. */
  readonly boundary: number | undefined;
}

type Tensor = Program['output'];

/**
 * @param program the job for a batch of one row
 * @throws GensynError U0501
 */
export function textModel(program: Program, manifest: Manifest): TextModel {
  const leaves = columnsBelow(program.output);
  const [leaf] = leaves;
  if (!leaf || leaves.length > 1)
    throw noText(`the model reads ${leaves.length} columns of data, and one window of text is needed`);
  const { dataset, column } = attributes(leaf);
  const read = declared(program, leaf);
  if (read.source.kind !== 'text' || leaf.type !== 'i32')
    throw noText(`the model reads '${dataset}.${column}', which is not text`);
  const { level, unit, first, last } = read.source;

  const classes = program.output.shape.at(-1) ?? 1;
  const places = elements(program.output.shape) / classes;
  const window = last - first + 1;
  const follows = [program.loss, ...program.metrics.map(({ value }) => value)]
    .flatMap(columnsBelow)
    .filter((each) => each !== leaf && attributes(each).dataset === dataset)
    .flatMap((each) => {
      const { source } = declared(program, each);
      return source.kind === 'text' ? [source] : [];
    });
  const everywhere = places > 1;
  const next = everywhere ? first + 1 : last + 1;
  if (
    (everywhere && places !== window) ||
    !follows.some((target) => target.first === next && target.last === last + 1)
  )
    throw noText(`the model does not learn which ${level} comes after '${dataset}.${column}'`);

  const stored = manifest.datasets
    .find(({ name }) => name === dataset)
    ?.columns.find(({ name }) => name === column);
  const alphabet = level === 'char' ? [...(stored?.alphabet ?? '')] : [];
  const alphabetStart = stored?.alphabetStart ?? 0;
  if (!stored || (level === 'char' && alphabet.length === 0))
    throw noText(`job.json has no alphabet of '${dataset}.${column}'`);
  return {
    input: `${dataset}.${column}`,
    shape: leaf.shape,
    window,
    everywhere,
    level,
    tokens: Math.min(
      classes,
      stored.classes ?? stored.max + 1,
      level === 'char' ? alphabetStart + alphabet.length : 256,
    ),
    alphabet,
    alphabetStart,
    boundary: unit === 'text' ? undefined : level === 'char' ? 0 : LINE_FEED,
  };
}

export const LINE_FEED = 10;

function noText(message: string): GensynError {
  return new GensynError('U0501', message, {
    help: 'text comes from models that read a window of characters or bytes and learn the next, such as examples/moby-gpt and examples/names',
  });
}

const attributes = (leaf: Tensor) => leaf.attributes as { readonly dataset: string; readonly column: string };

function declared(program: Program, leaf: Tensor): Program['datasets'][number]['columns'][number] {
  const { dataset, column } = attributes(leaf);
  return program.datasets.find(({ name }) => name === dataset)!.columns.find(({ name }) => name === column)!;
}

/** Columns of data that a tensor is computed from, each once. */
function columnsBelow(root: Tensor): Tensor[] {
  const seen = new Set([root]);
  // A set yields what is added while it is walked.
  for (const { inputs } of seen) for (const input of inputs) seen.add(input);
  return [...seen].filter(({ op }) => op === 'column');
}
