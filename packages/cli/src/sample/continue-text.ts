/** Goes on with a text, token by token. */
import { GensynError, uniformBits, type TensorValue } from '@gensyn/ir';
import type { FloatModel } from '@gensyn/runtime';
import { drawToken, type Choice } from './draw-token.js';
import type { TextModel } from './text-model.js';
import { blank } from './vocabulary.js';

export interface Continuation extends Choice {
  readonly prompt: readonly number[];
  /** How many tokens to make. */
  readonly tokens: number;
  readonly seed: number;
}

/** "samp": a stream of its own among the random numbers of a seed. Token i takes the i-th. */
const SAMPLE_STREAM = 0x7361_6d70;

/** Yields the tokens after the prompt. Errors: U0501 for a model that looks ahead, R0303, R0502. */
export async function* continueText(
  text: TextModel,
  model: FloatModel,
  { prompt, tokens, seed, ...choice }: Continuation,
): AsyncGenerator<number> {
  const empty = blank(text);
  // Lines know nothing of the lines before them.
  const line = text.boundary === undefined ? -1 : prompt.lastIndexOf(text.boundary);
  let history = prompt.slice(line + 1);
  if (history.length === 0 && text.everywhere && text.boundary === undefined) history = [empty];
  await checkCausal(text, model, history);
  for (let i = 0; i < tokens; i++) {
    const { window, place } = windowOf(text, history, empty);
    const logits = (await logitsOf(text, model, window, place)).subarray(0, text.tokens);
    const token = drawToken(logits, choice, uniformBits(seed, SAMPLE_STREAM, 0, i) * 2 ** -32);
    yield token;
    history = token === text.boundary ? [] : [...history, token].slice(-text.window);
  }
}

/**
 * The window, and the place in it after which the next token is foretold. The windows of a continuous text held text all through in
 * training: what is short is filled from the right then, where a causal model does not look.
 */
function windowOf(
  text: TextModel,
  history: readonly number[],
  filler: number,
): { readonly window: Int32Array; readonly place: number } {
  const window = new Int32Array(text.window).fill(filler);
  const kept = history.slice(-text.window);
  const right = fillsRight(text);
  window.set(kept, right ? 0 : text.window - kept.length);
  return { window, place: right ? kept.length - 1 : text.window - 1 };
}

const fillsRight = (text: TextModel): boolean => text.everywhere && text.boundary === undefined;

/** Natural logarithms of how likely each token is after `place`, but for a constant. */
async function logitsOf(
  text: TextModel,
  model: FloatModel,
  window: Int32Array,
  place: number,
): Promise<Float32Array> {
  const given: TensorValue = { dtype: 'i32', shape: text.shape, data: window };
  const output = (await model.run({ [text.input]: given })).get('output')!;
  const classes = output.shape.at(-1)!;
  const row = text.everywhere ? place : 0;
  return (output.data as Float32Array).subarray(row * classes, (row + 1) * classes);
}

/** A model that sees what follows has learnt to copy it, and foretells nothing. */
async function checkCausal(text: TextModel, model: FloatModel, history: readonly number[]): Promise<void> {
  if (!fillsRight(text) || history.length >= text.window || text.tokens < 2) return;
  const [one, other] = [0, 1].map((filler) => windowOf(text, history, filler));
  const a = await logitsOf(text, model, one!.window, one!.place);
  const b = await logitsOf(text, model, other!.window, other!.place);
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (a.every((value, i) => Math.abs(value - b[i]!) <= 1e-4 * largest)) return;
  throw new GensynError('U0501', 'what the model says of the next token depends on the tokens after it', {
    help: 'use causal attention, or layers that look back only',
  });
}
