/** Between text and the tokens of a model. */
import { GensynError } from '@gensyn/ir';
import { LINE_FEED, type TextModel } from './text-model.js';

/** Tokens of a prompt. Errors: U0502 for a character that the model has no token for. */
export function encode(model: TextModel, text: string): number[] {
  const unknown = new Set<string>();
  const tokens = [...text].flatMap((char) => {
    const found = tokensOf(model, char);
    if (found.some((token) => token < 0 || token >= model.tokens)) unknown.add(char);
    return found;
  });
  if (unknown.size === 0) return tokens;
  const named = [...unknown].slice(0, 10).map((char) => JSON.stringify(char));
  throw new GensynError('U0502', `the prompt has ${named.join(', ')}, which the model has never read`, {
    notes: model.level === 'char' ? [{ message: `it knows ${JSON.stringify(model.alphabet.join(''))}` }] : [],
  });
}

function tokensOf({ level, alphabet, alphabetStart, boundary }: TextModel, char: string): readonly number[] {
  if (level === 'byte') return [...new TextEncoder().encode(char)];
  if (char === '\n' && boundary !== undefined) return [boundary];
  const place = alphabet.indexOf(char);
  return [place < 0 ? -1 : place + alphabetStart];
}

/** Text of tokens as they come. A character of several bytes is shown with its last; `end` gives what is left over. */
export function decoder(model: TextModel): { readonly next: (token: number) => string; end(): string } {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    next(token) {
      if (token === model.boundary) return utf8.decode() + '\n';
      return model.level === 'byte'
        ? utf8.decode(Uint8Array.of(token), { stream: true })
        : model.alphabet[token - model.alphabetStart]!;
    },
    end: () => utf8.decode(),
  };
}

/** What stands before a text that has just begun: the end of a line, or else of a word. */
export function blank(model: TextModel): number {
  if (model.boundary !== undefined) return model.boundary;
  if (model.level === 'byte') return LINE_FEED;
  const place = ['\n', ' '].map((char) => model.alphabet.indexOf(char)).find((at) => at >= 0);
  return (place ?? 0) + model.alphabetStart;
}
