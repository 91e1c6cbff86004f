/** Reads the arrays of an .npz file: a zip of .npy members. */
import type { Column } from '../semantics/program.js';
import type { ColumnData, OpenColumn } from './column-data.js';
import { readNpyStream } from './npy.js';
import { dataError, nearest, quoted } from './problem.js';
import type { SourceFile } from './source-file.js';
import { listZip, readZipMember, type ZipMember } from './zip.js';

function findMember(source: SourceFile, members: readonly ZipMember[], column: Column): ZipMember {
  const place = { ...source.place, span: column.span };
  const names = members.map((member) => member.name.replace(/\.npy$/, ''));
  const all = `The file has ${names.slice(0, 12).map(quoted).join(', ')}${names.length > 12 ? ', ...' : ''}.`;
  if (column.source.kind === 'whole' && members.length === 1) return members[0]!;
  if (column.source.kind !== 'member') {
    throw dataError(
      'D0106',
      place,
      `an npz file holds ${names.length} arrays by name`,
      `Write member "${names[0] ?? 'x'}". ${all}`,
    );
  }
  const wanted = column.source.name.replace(/\.npy$/, '');
  const found = members.filter((_, i) => names[i] === wanted);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw dataError('D0125', place, `two members are named ${quoted(wanted)}`);
  const near = nearest(wanted, names);
  throw dataError(
    'D0125',
    place,
    `no member is named ${quoted(wanted)}`,
    near === undefined ? all : `Did you mean ${quoted(near)}?`,
  );
}

/** @throws GensynError D0106, D0124..D0126 (zip), and what `readNpyStream` throws */
export async function readNpz(
  source: SourceFile,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const members = await listZip(source);
  const result: ColumnData[] = [];
  for (const column of columns) {
    const member = findMember(source, members, column);
    const place = { ...source.place, file: `${source.name}:${member.name}` };
    const size = { bytes: member.bytes, compressed: false };
    result.push(...(await readNpyStream(readZipMember(source, member), size, place, [column], open)));
  }
  return result;
}
