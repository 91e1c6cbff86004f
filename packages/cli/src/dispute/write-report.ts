/** Writes what is to be kept of a dispute: a page, its picture, and the record that both were made from. */
import fs from 'node:fs';
import path from 'node:path';
import type { DisputeRecord } from '@gensyn/protocol';
import { toJson } from '../json.js';
import { disputeHtml } from './dispute-html.js';
import { disputeSvg } from './dispute-svg.js';

export interface DisputeReport {
  readonly html: string;
  readonly svg: string;
  readonly json: string;
}

/** @returns the files written, `dispute-<challenge>.*` in `folder`, which is made where it is missing. Errors: those of the file system. */
export function writeDisputeReport(record: DisputeRecord, folder: string): DisputeReport {
  fs.mkdirSync(folder, { recursive: true });
  const write = (ending: string, text: string): string => {
    const file = path.join(folder, `dispute-${Math.trunc(record.challenge)}.${ending}`);
    fs.writeFileSync(file, text);
    return file;
  };
  return {
    html: write('html', disputeHtml(record)),
    svg: write('svg', disputeSvg(record)),
    json: write('json', toJson(record)),
  };
}
