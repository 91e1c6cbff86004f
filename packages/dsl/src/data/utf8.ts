/** Decodes a stream of UTF-8 strictly, code point by code point, and says where it is not UTF-8. */
import { dataError, type DataPlace } from './problem.js';

/**
 * Calls `each` with every code point. A byte order mark at the start is skipped and CR LF is read as LF, so that a text
 * gives the same tokens wherever it was checked out. Sequences as in the Unicode Standard, table 3-7.
 * @throws GensynError D0130 (not UTF-8), whatever `each` throws
 */
export async function decodeUtf8(
  chunks: AsyncIterable<Buffer>,
  place: DataPlace,
  each: (codePoint: number) => void,
): Promise<void> {
  let offset = 0;
  let line = 1;
  let point = 0;
  let missing = 0;
  // The range of the next continuation byte: narrower after E0, ED, F0 and F4, so no overlong forms and no surrogates.
  let low = 0x80;
  let high = 0xbf;
  let carriageReturn = false;
  let start = true;

  function emit(codePoint: number): void {
    if (start) {
      start = false;
      if (codePoint === 0xfeff) return;
    }
    if (carriageReturn) {
      carriageReturn = false;
      if (codePoint !== 10) each(13);
    }
    if (codePoint === 13) {
      carriageReturn = true;
      return;
    }
    if (codePoint === 10) line++;
    each(codePoint);
  }

  function refuse(): never {
    const utf16 = offset < 2 ? ' (the file looks like UTF-16)' : '';
    throw dataError(
      'D0130',
      { ...place, where: `line ${line}` },
      `byte ${offset} is not UTF-8${utf16}`,
      'Save the file as UTF-8, or read it by bytes instead of chars.',
    );
  }

  for await (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (missing > 0) {
        if (byte < low || byte > high) refuse();
        low = 0x80;
        high = 0xbf;
        point = (point << 6) | (byte & 0x3f);
        if (--missing === 0) emit(point);
      } else if (byte < 0x80) emit(byte);
      else if (byte >= 0xc2 && byte <= 0xdf) {
        missing = 1;
        point = byte & 0x1f;
      } else if (byte >= 0xe0 && byte <= 0xef) {
        missing = 2;
        point = byte & 0x0f;
        if (byte === 0xe0) low = 0xa0;
        if (byte === 0xed) high = 0x9f;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        missing = 3;
        point = byte & 0x07;
        if (byte === 0xf0) low = 0x90;
        if (byte === 0xf4) high = 0x8f;
      } else refuse();
      offset++;
    }
  }
  if (missing > 0) refuse();
  if (carriageReturn) each(13);
}
