/** Splits a stream of bytes into CSV records (RFC 4180, any one-byte separator, LF or CRLF, blank lines skipped). */
import { dataError, type DataPlace } from './problem.js';

/** A record longer than this is a missing quote or not CSV. */
export const MAX_RECORD = 16 * 2 ** 20;

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** Fields as ranges of `bytes`; the object is reused from record to record. */
export interface CsvRecord {
  bytes: Buffer;
  /** The line, from 1, on which the record begins. */
  line: number;
  count: number;
  readonly from: number[];
  readonly to: number[];
  /** Whether the field was quoted; doubled quotes inside it are still doubled. */
  readonly quoted: boolean[];
}

/**
 * Calls `each` for every record.
 * @throws GensynError D0114 (open or misplaced quote, record too long), D0130 (UTF-16), whatever `each` throws
 */
export async function readCsvRecords(
  chunks: AsyncIterable<Buffer>,
  separator: number,
  place: DataPlace,
  each: (record: CsvRecord) => void,
): Promise<void> {
  const record: CsvRecord = { bytes: Buffer.alloc(0), line: 1, count: 0, from: [], to: [], quoted: [] };
  let line = 1;
  let first = true;

  /** Reads one record at `at`; returns where the next begins, or -1 if the bytes end inside this one. */
  function scan(bytes: Buffer, at: number, last: boolean): number {
    record.bytes = bytes;
    record.line = line;
    record.count = 0;
    let lines = 0;
    for (let i = at; ;) {
      let end: number;
      const quoted = bytes[i] === QUOTE;
      if (quoted) {
        for (end = i + 1; ; end++) {
          if (end >= bytes.length) {
            if (!last) return -1;
            throw dataError(
              'D0114',
              atLine(line + lines, place),
              `the quote opened in field ${record.count + 1} is never closed`,
            );
          }
          if (bytes[end] === LF) lines++;
          if (bytes[end] !== QUOTE) continue;
          if (end + 1 === bytes.length && !last) return -1;
          if (bytes[end + 1] !== QUOTE) break;
          end++;
        }
        add(i + 1, end, true);
        end++;
        const next = bytes[end];
        const crlf = next === CR && (bytes[end + 1] === LF || (end + 1 === bytes.length && !last));
        if (end < bytes.length && next !== separator && next !== LF && !crlf) {
          throw dataError(
            'D0114',
            atLine(line + lines, place),
            `text follows the closing quote of field ${record.count}`,
            'Write a quote inside a quoted field twice.',
          );
        }
        if (crlf) end++;
      } else {
        for (end = i; end < bytes.length && bytes[end] !== separator && bytes[end] !== LF;) end++;
      }
      if (end >= bytes.length) {
        if (!last) return -1;
        if (!quoted) add(i, end > i && bytes[end - 1] === CR ? end - 1 : end, false);
        line += lines + 1;
        return bytes.length;
      }
      const more = bytes[end] === separator;
      if (!quoted) add(i, !more && end > i && bytes[end - 1] === CR ? end - 1 : end, false);
      i = end + 1;
      if (more) continue;
      line += lines + 1;
      return i;
    }
  }

  function add(from: number, to: number, quoted: boolean): void {
    record.from[record.count] = from;
    record.to[record.count] = to;
    record.quoted[record.count] = quoted;
    record.count++;
  }

  function take(bytes: Buffer, last: boolean): Buffer {
    let at = 0;
    if (first && (bytes.length >= 3 || last)) {
      first = false;
      if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
        throw dataError('D0130', place, 'the text is UTF-16, UTF-8 is expected', 'Save the file as UTF-8.');
      }
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    while (at < bytes.length) {
      const next = scan(bytes, at, last);
      if (next < 0) break;
      const blank = record.count === 1 && record.from[0] === record.to[0] && !record.quoted[0];
      if (!blank) each(record);
      at = next;
    }
    return bytes.subarray(at);
  }

  // A record that goes on is scanned again only when a line feed has come, without which it cannot end.
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (chunk.includes(LF)) {
      const rest = take(held.length > 1 ? Buffer.concat(held) : chunk, false);
      held = rest.length > 0 ? [rest] : [];
      heldBytes = rest.length;
    }
    if (heldBytes > MAX_RECORD) {
      throw dataError(
        'D0114',
        atLine(line, place),
        `the record is longer than ${MAX_RECORD} bytes`,
        'Is a closing quote missing?',
      );
    }
  }
  take(Buffer.concat(held), true);
}

function atLine(line: number, place: DataPlace): DataPlace {
  return { ...place, where: `line ${line}` };
}
