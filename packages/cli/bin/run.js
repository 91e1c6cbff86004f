#!/usr/bin/env node
/** The command's entry: answers --version at once, settles colours, then loads the rest. */
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';

const major = Number(process.versions.node.split('.')[0]);
const argv = process.argv.slice(2);
const main = new URL('../dist/bundle/main.js', import.meta.url);

if (major < 20) {
  console.error(`gensyn needs Node.js 20 or newer; this is ${process.versions.node}.`);
  process.exitCode = 2;
} else if (argv[0] === '--version' || argv[0] === '-v') {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const json = argv.includes('--json');
  console.log(json ? JSON.stringify({ version }) : `gensyn ${version}`);
} else if (!existsSync(main)) {
  console.error('gensyn is not built yet: run `npm run build` in its repository.');
  process.exitCode = 2;
} else {
  // From Node.js 22 on, compiled code is kept between runs.
  module.enableCompileCache?.();
  const { run } = await import(main.href);
  await run(argv);
}
