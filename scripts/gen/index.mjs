/**
 * All generated files: `{ path, content() }`, the path relative to the repository, with forward slashes. A package adds its own by one
 * line here.
 */
import { irFiles } from './ir.mjs';
import { operatorPages } from './operator-pages.mjs';

export const generators = [...irFiles, ...operatorPages];

/** Folders that hold nothing but generated files. */
export const generatedFolders = ['docs/operators'];
