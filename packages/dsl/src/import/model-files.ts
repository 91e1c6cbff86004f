/** Opens an ONNX file and the files beside it that hold its tensors; nothing outside the model's folder is read. */
import fs from 'node:fs';
import path from 'node:path';
import type { ExternalLocation } from '@gensyn/ir';
import { importError, quoted } from './import-error.js';
import { MAX_FILE_BYTES } from './limits.js';

/** A file on disk, opened for import. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  /** The bytes of a tensor that lies beside the model. Errors: L0812. */
  external(where: ExternalLocation): Uint8Array;
}

/** Gives the file of a path. Errors: L0810, L0812. */
export type OpenModel = (file: string) => ModelFile;

function regularFile(file: string, code: string, what: string): fs.Stats {
  let stats: fs.Stats;
  try {
    stats = fs.statSync(file);
  } catch (cause) {
    throw importError(code, `cannot read ${what}`, {
      help: 'the path of a network is looked up from the folder of the job',
      cause,
    });
  }
  if (!stats.isFile()) throw importError(code, `${what} is no file`);
  return stats;
}

/** Errors: L0810 for a file that cannot be read or is too large; see `ModelFile` for the files beside it. */
export const openModel: OpenModel = (file) => {
  const what = `the network ${quoted(file)}`;
  const { size } = regularFile(file, 'L0810', what);
  if (size > MAX_FILE_BYTES) {
    throw importError('L0810', `${what} has ${size} bytes; ONNX files end at 2 GiB`, {
      help: 'store its tensors as external data',
    });
  }
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (cause) {
    throw importError('L0810', `cannot read ${what}`, { cause });
  }
  return { bytes, external: (where) => readBeside(path.dirname(file), where) };
};

function readBeside(folder: string, { location, offset, length }: ExternalLocation): Uint8Array {
  const file = path.join(folder, location);
  const what = `the external data ${quoted(location)}`;
  const { size } = regularFile(file, 'L0812', what);
  // A link may lead anywhere, so the real place counts.
  const inside = path.relative(fs.realpathSync(folder), fs.realpathSync(file));
  if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside))
    throw importError('L0812', `${what} is a link that leaves the folder of the network`);
  if (offset + length > size) {
    throw importError(
      'L0812',
      `${what} has ${size} bytes where a tensor lies at ${offset} .. ${offset + length}`,
      {
        help: 'copy the file again, whole',
      },
    );
  }
  const bytes = new Uint8Array(length);
  const descriptor = fs.openSync(file, 'r');
  try {
    for (let done = 0; done < length;) {
      const read = fs.readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (read === 0) throw importError('L0812', `${what} became shorter while it was read`);
      done += read;
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return bytes;
}
