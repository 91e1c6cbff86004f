/** The line of a job in dispute as it is shown: without indentation, with the stretch of the expression in it. */
import type { DisputeRecord } from '@gensyn/protocol';
import { printable } from './printable.js';

export interface SourceLine {
  readonly text: string;
  /** `job.gml:8` */
  readonly place: string;
  /** Characters of `text` to mark, from here; none where the column lies outside. */
  readonly from: number;
  readonly length: number;
}

/** @param most characters of the line, and of its place */
export function sourceLine({ disputed }: DisputeRecord, most: number): SourceLine | undefined {
  const { source, span } = disputed.operator ?? {};
  if (source === undefined || !span) return undefined;
  const indent = source.length - source.trimStart().length;
  const bare = source.trimEnd().slice(indent);
  const text = printable(bare, most);
  const from = span.column - 1 - indent;
  const inside = from >= 0 && from < [...text].length;
  // A graph keeps where an expression begins; how far it goes is read off the text.
  const length = span.length > 0 ? span.length : extent(bare.slice(from));
  return {
    text,
    place: `${printable(span.file, most)}:${span.line}`,
    from: inside ? from : 0,
    length: inside ? Math.max(1, Math.min(length, [...text].length - from)) : 0,
  };
}

/** A name or number with what is called on it in brackets, or one character. */
function extent(text: string): number {
  const name = /^[\p{L}\p{N}_.]*/u.exec(text)![0].length;
  if (text[name] !== '(') return Math.max(1, name);
  let depth = 0;
  for (let i = name; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}
