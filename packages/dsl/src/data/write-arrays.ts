/** Writes arrays one after the other, as members of an .npz file or as .npy files side by side, while they are made. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { GensynError } from '@gensyn/ir';
import { crc32 } from './crc32.js';
import { dataError } from './problem.js';

export interface ArrayWriter {
  /** Starts the next array. @param type as numpy writes it: `|u1`, `<i4`, `<U8` */
  begin(name: string, type: string, bytesEach: number, shape: readonly number[]): void;
  write(bytes: Uint8Array): void;
  /** Ends the files, gives them their names and tells these. */
  finish(): readonly string[];
  /** Closes and removes what was written; harmless after `finish`. */
  discard(): void;
}

/** Sizes and offsets of a zip file without the 64-bit extension are less. */
const ZIP_LIMIT = 2 ** 32 - 1;

/** The header of an array in C order, version 1.0 (numpy.lib.format). */
function npyHeader(type: string, shape: readonly number[]): Buffer {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims}), }`;
  const header = Buffer.alloc(Math.ceil((10 + text.length + 1) / 64) * 64, ' ');
  header.write('\x93NUMPY\x01\0', 'latin1');
  header.writeUInt16LE(header.length - 10, 8);
  header.write(text, 10, 'latin1');
  header[header.length - 1] = 10;
  return header;
}

/**
 * @param file ends in .npz: all arrays in it, stored; in .npy: the first array, the others beside it as `<file>.<name>.npy`
 * @throws GensynError D0160 (cannot write), D0176 (more than an .npz file holds)
 */
export function openArrayWriter(file: string): ArrayWriter {
  const zip = /\.npz$/i.test(file);
  const suffix = `.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const files: string[] = [];
  const directory: Buffer[] = [];
  let member: { name: Buffer; at: number; bytes: number; crc: number } | undefined;
  let handle = -1;
  let position = 0;

  function attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof GensynError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw dataError('D0160', { file }, `cannot be written (${why})`, undefined, error);
    }
  }

  function open(name: string): void {
    files.push(name);
    handle = openSync(name + suffix, 'wx');
    position = 0;
  }

  function close(): void {
    if (handle >= 0) closeSync(handle);
    handle = -1;
  }

  function put(bytes: Uint8Array, at = position): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(handle, bytes, done, bytes.length - done, at + done);
    if (at === position) position += bytes.length;
  }

  function write(bytes: Uint8Array): void {
    if (member) member.crc = crc32(member.crc, bytes);
    put(bytes);
  }

  /** What the entry of the directory and the header of a member share: version, flags, method, date (1980-01-01), checksum, sizes. */
  function common({ name, bytes, crc }: NonNullable<typeof member>): Buffer {
    const block = Buffer.alloc(26);
    block.writeUInt16LE(20, 0);
    block.writeUInt16LE(0x21, 8);
    block.writeUInt32LE(crc, 10);
    block.writeUInt32LE(bytes, 14);
    block.writeUInt32LE(bytes, 18);
    block.writeUInt16LE(name.length, 22);
    return block;
  }

  function endMember(): void {
    if (!member) return;
    const shared = common(member);
    put(shared, member.at + 4);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(20, 4);
    shared.copy(entry, 6);
    entry.writeUInt32LE(member.at, 42);
    directory.push(entry, member.name);
    member = undefined;
  }

  return {
    begin: (name, type, bytesEach, shape) =>
      attempt(() => {
        const header = npyHeader(type, shape);
        if (zip) {
          if (files.length === 0) open(file);
          endMember();
          const bytes = header.length + shape.reduce((product, dim) => product * dim, bytesEach);
          // Room for this array, the small ones behind it and the directory.
          if (position + bytes > ZIP_LIMIT - 2 ** 24)
            throw dataError(
              'D0176',
              { file },
              `the arrays take more than ${ZIP_LIMIT} bytes, which an .npz file does not hold`,
              'Write -o with a name that ends in .npy, or a smaller --size.',
            );
          member = { name: Buffer.from(`${name}.npy`), at: position, bytes, crc: 0 };
          put(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common(member), member.name]));
        } else {
          close();
          open(files.length === 0 ? file : `${file.replace(/\.npy$/i, '')}.${name}.npy`);
        }
        write(header);
      }),
    write: (bytes) => attempt(() => write(bytes)),
    finish: () =>
      attempt(() => {
        if (zip) {
          endMember();
          const entries = Buffer.concat(directory);
          const end = Buffer.alloc(22);
          end.write('PK\x05\x06', 'latin1');
          end.writeUInt16LE(directory.length / 2, 8);
          end.writeUInt16LE(directory.length / 2, 10);
          end.writeUInt32LE(entries.length, 12);
          end.writeUInt32LE(position, 16);
          put(Buffer.concat([entries, end]));
        }
        close();
        for (const name of files) renameSync(name + suffix, name);
        return files;
      }),
    discard() {
      close();
      for (const name of files) rmSync(name + suffix, { force: true });
    },
  };
}
