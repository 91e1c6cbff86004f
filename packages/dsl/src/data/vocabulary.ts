/** The tokens of a text and the alphabet that they come from. */
import type { ColumnSource } from '../semantics/program.js';
import { dataError, quoted } from './problem.js';
import { readContent, type SourceFile } from './source-file.js';
import { decodeUtf8 } from './utf8.js';

type TextSource = Extract<ColumnSource, { kind: 'text' }>;

/** Boundary token of texts read by bytes: the line feed. Of texts read by characters it is 0. */
const BYTE_BOUNDARY = 10;

/** The tokens of a text: which number stands for which character or byte. */
export interface Vocabulary {
  /** Token by code point or byte; -1 where there is none. */
  readonly token: Int32Array;
  /** How many tokens there are, the boundary included. */
  readonly size: number;
  readonly alphabet: string | undefined;
  /** Token of the first character of the alphabet. */
  readonly start: number;
  readonly boundary: number | undefined;
}

/** Every byte is its own token. */
export function byteVocabulary(unit: TextSource['unit']): Vocabulary {
  const token = Int32Array.from({ length: 256 }, (_, byte) => byte);
  return {
    token,
    size: 256,
    alphabet: undefined,
    start: 0,
    boundary: unit === 'line' ? BYTE_BOUNDARY : undefined,
  };
}

/**
 * Characters by their place in the alphabet given, or else in that of all characters of the file by code point.
 * @throws GensynError D0130 (not UTF-8), D0133 (a character twice)
 */
export async function charVocabulary(
  source: SourceFile,
  given: string | undefined,
  unit: TextSource['unit'],
): Promise<Vocabulary> {
  const seen = new Uint8Array(0x110000);
  if (given === undefined) {
    await decodeUtf8(readContent(source), source.place, (point) => {
      seen[point] = 1;
    });
    if (unit === 'line') seen[10] = 0;
  }
  const alphabet = given ?? charactersOf(seen);
  let highest = 0;
  for (const char of alphabet) highest = Math.max(highest, char.codePointAt(0)!);
  const token = new Int32Array(highest + 1).fill(-1);
  const start = unit === 'line' ? 1 : 0;
  let next = start;
  for (const char of alphabet) {
    const point = char.codePointAt(0)!;
    if (token[point] !== -1) throw dataError('D0133', source.place, `the alphabet has ${quoted(char)} twice`);
    token[point] = next++;
  }
  return { token, size: next, alphabet, start, boundary: unit === 'line' ? 0 : undefined };
}

/** The code points marked, in their order. */
function charactersOf(seen: Uint8Array): string {
  const found: string[] = [];
  for (let point = seen.indexOf(1); point >= 0; point = seen.indexOf(1, point + 1)) {
    found.push(String.fromCodePoint(point));
  }
  return found.join('');
}
