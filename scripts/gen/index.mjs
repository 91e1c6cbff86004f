/**
 * All generated files: `{ path, content() }`, the path relative to the repository, with forward slashes. A package adds its own by one
 * line here.
 */
import { commandsPage } from '../../packages/cli/dist/src/index.js';
import { numericsDocument } from '../../packages/dsl/dist/src/index.js';
import { contractFiles } from './contracts.mjs';
import { irFiles } from './ir.mjs';
import { libraryPage } from './library-page.mjs';
import { onnxPage } from './onnx-page.mjs';
import { operatorPages } from './operator-pages.mjs';

export const generators = [
  ...irFiles,
  ...contractFiles,
  ...operatorPages,
  commandsPage,
  libraryPage,
  onnxPage,
  numericsDocument(),
];

/** Folders that hold nothing but generated files. */
export const generatedFolders = ['docs/operators'];
