/** A source file and the way from offsets to lines and columns. */
import type { Span } from '@gensyn/ir';

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Turns offsets into spans of one file; built once per file. */
export interface Locator {
  /** `offset` and `length` are cut to the text, so that a span always lies inside it. */
  span(offset: number, length: number): Span;
}

export function locator(source: Source): Locator {
  const starts = [0];
  const { text, path } = source;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return {
    span(wantedOffset, wantedLength) {
      const offset = Math.max(0, Math.min(wantedOffset, text.length));
      const length = Math.max(0, Math.min(wantedLength, text.length - offset));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return { file: path, offset, length, line: low + 1, column: offset - starts[low]! + 1 };
    },
  };
}

/** The smallest span that covers both, which lie in one file. */
export function join(first: Span, last: Span): Span {
  const end = Math.max(first.offset + first.length, last.offset + last.length);
  return { ...first, length: end - first.offset };
}
