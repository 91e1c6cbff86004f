/** Lists the pictures of a folder that has one sub-folder for each class. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { dataError, quoted, systemCode, type DataPlace } from '../problem.js';
import { readError } from '../source-file.js';

export interface ClassFolder {
  /** Names of the sub-folders, by code unit; the number of a class is its place here. */
  readonly classes: readonly string[];
  /** Class by class, and by name within a class. */
  readonly images: readonly { readonly path: string; readonly place: DataPlace; readonly label: number }[];
  /** Files that are no pictures by their names, as `cat/notes.txt`. */
  readonly leftOut: readonly string[];
}

/** Endings that say a file is a picture; what it is indeed, its first bytes say. */
const PICTURE = /\.(png|jpe?g|jfif|gif|webp|bmp|tiff?|heic|avif)$/i;
const LAYOUT = 'One folder for each class is expected, its pictures directly inside: photos/cat/1.png.';

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Entries by name; hidden ones (.DS_Store) do not count. */
function entriesOf(folder: string, place: DataPlace): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort(byName);
  } catch (error) {
    throw readError(place, error);
  }
}

/** @throws GensynError D0101, D0102 (unreadable), D0170 (layout), D0175 (links) */
export function listClassFolder(folder: string): ClassFolder {
  const top: DataPlace = { file: folder };
  try {
    if (!statSync(folder).isDirectory())
      throw dataError('D0170', top, 'is a file, a folder of pictures is needed', LAYOUT);
  } catch (error) {
    if (error instanceof GensynError) throw error;
    if (systemCode(error) === 'ENOENT')
      throw new GensynError('D0101', `folder ${quoted(folder)} was not found`, { help: LAYOUT });
    throw readError(top, error);
  }
  const leftOut: string[] = [];
  const classes: string[] = [];
  const images: ClassFolder['images'][number][] = [];
  for (const entry of entriesOf(folder, top)) {
    const place = { file: join(folder, entry.name) };
    if (entry.isSymbolicLink())
      throw dataError('D0175', place, 'is a link, and links inside the folder are not followed');
    if (entry.isDirectory()) addClass(entry.name, place);
    else if (PICTURE.test(entry.name))
      throw dataError('D0170', place, 'is a picture outside of any class', LAYOUT);
    else leftOut.push(entry.name);
  }
  if (classes.length < 2)
    throw dataError(
      'D0170',
      top,
      classes.length === 0 ? 'has no folders of classes' : `has one class, ${quoted(classes[0]!)}`,
      classes.length === 0 ? LAYOUT : 'Two classes at least are needed to tell them apart.',
    );
  return { classes, images, leftOut };

  function addClass(name: string, at: DataPlace): void {
    const before = images.length;
    const path = join(folder, name);
    for (const entry of entriesOf(path, at)) {
      const place = { file: join(path, entry.name) };
      if (entry.isDirectory()) throw dataError('D0170', place, 'is a folder inside a class', LAYOUT);
      if (PICTURE.test(entry.name))
        images.push({ path: join(path, entry.name), place, label: classes.length });
      else leftOut.push(join(name, entry.name));
    }
    if (images.length === before)
      throw dataError(
        'D0170',
        at,
        'the class has no pictures',
        'Put .png or .jpg files there, or remove the folder.',
      );
    classes.push(name);
  }
}
