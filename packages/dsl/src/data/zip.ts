/** Lists and streams the members of a zip file, stored or deflated (PKWARE APPNOTE 6.3.9, with zip64 sizes). */
import { open, type FileHandle } from 'node:fs/promises';
import { GensynError } from '@gensyn/ir';
import { crc32 } from './crc32.js';
import { dataError } from './problem.js';
import { readError, readRange, type SourceFile } from './source-file.js';

export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** More than any npz holds; bounds what is read into memory. */
const MAX_DIRECTORY = 16 * 2 ** 20;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

async function withFile<T>(source: SourceFile, action: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(source.path, 'r');
    return await action(handle);
  } catch (error) {
    throw error instanceof GensynError ? error : readError(source.place, error);
  } finally {
    await handle?.close();
  }
}

async function readAt(
  handle: FileHandle,
  source: SourceFile,
  offset: number,
  length: number,
): Promise<Buffer> {
  if (offset < 0 || length < 0 || offset + length > source.bytes)
    throw damaged(source, 'a part lies outside the file');
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  if (bytesRead < length) throw damaged(source, 'it ends early');
  return buffer;
}

function damaged(source: SourceFile, why: string): GensynError {
  return dataError(
    'D0124',
    source.place,
    `the zip file is damaged: ${why}`,
    'Fetch or write the file again.',
  );
}

/** An unsigned 64-bit number; offsets and sizes beyond 2^53 are no real ones and fail later checks. */
function u64(buffer: Buffer, offset: number): number {
  return Number(buffer.readBigUInt64LE(offset));
}

/** @throws GensynError D0124 when the central directory is missing, cut or inconsistent */
export async function listZip(source: SourceFile): Promise<readonly ZipMember[]> {
  return withFile(source, async (handle) => {
    const tailBytes = Math.min(source.bytes, 65557);
    const tailAt = source.bytes - tailBytes;
    const tail = await readAt(handle, source, tailAt, tailBytes);
    let end = tail.length - 22;
    while (
      end >= 0 &&
      !(tail.readUInt32LE(end) === END && end + 22 + tail.readUInt16LE(end + 20) === tail.length)
    )
      end--;
    if (end < 0) throw damaged(source, 'it has no directory at its end');
    let count = tail.readUInt16LE(end + 10);
    let size = tail.readUInt32LE(end + 12);
    let offset = tail.readUInt32LE(end + 16);
    if (end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR64) {
      const record = await readAt(handle, source, u64(tail, end - 12), 56);
      if (record.readUInt32LE(0) !== END64) throw damaged(source, 'its zip64 directory is missing');
      count = u64(record, 32);
      size = u64(record, 40);
      offset = u64(record, 48);
    }
    if (size > MAX_DIRECTORY) throw damaged(source, `a directory of ${size} bytes`);
    return parseDirectory(await readAt(handle, source, offset, size), count, source);
  });
}

function parseDirectory(directory: Buffer, count: number, source: SourceFile): readonly ZipMember[] {
  const members: ZipMember[] = [];
  let at = 0;
  while (members.length < count) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY)
      throw damaged(source, 'its directory is cut');
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const next = at + 46 + nameBytes + extraBytes + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw damaged(source, 'its directory is cut');
    const extra = directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes);
    const wide = zip64(extra);
    // A field of all ones says that the value is in the zip64 extra field; those come in this order.
    const real = (value: number): number => (value === 0xffffffff ? (wide.shift() ?? -1) : value);
    const bytes = real(directory.readUInt32LE(at + 24));
    const compressedBytes = real(directory.readUInt32LE(at + 20));
    const offset = real(directory.readUInt32LE(at + 42));
    if (bytes < 0 || compressedBytes < 0 || offset < 0) throw damaged(source, 'a zip64 size is missing');
    members.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) !== 0,
      crc: directory.readUInt32LE(at + 16),
      compressedBytes,
      bytes,
      offset,
    });
    at = next;
  }
  return members;
}

function zip64(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const size = Math.min(extra.readUInt16LE(at + 2), extra.length - at - 4);
    return Array.from({ length: Math.floor(size / 8) }, (_, i) => u64(extra, at + 4 + 8 * i));
  }
  return [];
}

/**
 * The content of one member, never more than the directory says.
 * @throws GensynError D0104 (damaged), D0105 (expands too far), D0124 (sizes, checksum), D0126 (encrypted, other compression)
 */
export async function* readZipMember(
  source: SourceFile,
  member: ZipMember,
): AsyncGenerator<Buffer, void, undefined> {
  if (member.encrypted) throw dataError('D0126', source.place, `member ${member.name} is encrypted`);
  if (member.method !== 0 && member.method !== 8) {
    throw dataError(
      'D0126',
      source.place,
      `member ${member.name} is compressed by method ${member.method}; stored and deflate are read`,
    );
  }
  const from = await withFile(source, async (handle) => {
    const local = await readAt(handle, source, member.offset, 30);
    if (local.readUInt32LE(0) !== LOCAL)
      throw damaged(source, `member ${member.name} is not where the directory says`);
    return member.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  });
  if (from + member.compressedBytes > source.bytes)
    throw damaged(source, `member ${member.name} ends outside the file`);
  let crc = 0;
  let total = 0;
  const compression = member.method === 8 ? 'deflate' : 'none';
  for await (const chunk of readRange(source, { from, to: from + member.compressedBytes, compression })) {
    total += chunk.length;
    if (total > member.bytes)
      throw damaged(source, `member ${member.name} is longer than the directory says`);
    crc = crc32(crc, chunk);
    yield chunk;
  }
  if (total !== member.bytes)
    throw damaged(source, `member ${member.name} is shorter than the directory says`);
  if (crc !== member.crc) throw damaged(source, `the checksum of member ${member.name} is wrong`);
}
