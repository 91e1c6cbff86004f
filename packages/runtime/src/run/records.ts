/** The list of checkpoints of a run: one JSON line each, appended only after the checkpoint itself is durable. */
import fs from 'node:fs';
import { GensynError, recordDigest, type CheckpointRecord } from '@gensyn/ir';
import { appendLine, writeFileAtomic } from './write-file.js';

/** Reads the records; a last line that a crash cut short is left out. Errors: R0206 for any other malformed line. */
export function readRecords(file: string): CheckpointRecord[] {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new GensynError('R0206', 'the records of the run cannot be read', { cause });
  }
  const lines = text.split('\n');
  const torn = lines.pop() !== '';
  const records: CheckpointRecord[] = [];
  lines.forEach((line, i) => {
    const record = parseRecord(line);
    const before = records.at(-1);
    if (!record || (before && record.step <= before.step))
      throw new GensynError('R0206', `line ${i + 1} of the run's records is damaged`);
    records.push(record);
  });
  if (torn) writeRecords(file, records);
  return records;
}

function parseRecord(line: string): CheckpointRecord | undefined {
  try {
    const { step, stateRoot, loss, cursor, time } = JSON.parse(line) as CheckpointRecord;
    const record = { step, stateRoot, ...(loss === undefined ? {} : { loss }), cursor, time };
    recordDigest(record);
    return record;
  } catch {
    return undefined;
  }
}

/** Replaces all records. Errors: R0501, R0503. */
export function writeRecords(file: string, records: readonly CheckpointRecord[]): void {
  writeFileAtomic(file, [Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''))]);
}

/** Errors: R0501, R0503. */
export function appendRecord(file: string, record: CheckpointRecord): void {
  appendLine(file, JSON.stringify(record));
}
