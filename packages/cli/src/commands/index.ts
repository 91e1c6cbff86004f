/** All commands by name; oclif reads this table. */
import { Compile } from './compile.js';
import { Explain } from './explain.js';
import { Fmt } from './fmt.js';
import { Lint } from './lint.js';
import { Run } from './run.js';
import { Verify } from './verify.js';

export const COMMANDS = {
  compile: Compile,
  run: Run,
  verify: Verify,
  lint: Lint,
  fmt: Fmt,
  explain: Explain,
};
