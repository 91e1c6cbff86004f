#!/usr/bin/env node
/** The npm compiler behind the options of the native one that forge uses. */
import { readFileSync } from 'node:fs';
import { standardJson } from './compile.mjs';

const options = process.argv.slice(2);
if (options.includes('--version')) {
  const { default: solc } = await import('solc');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (options.includes('--standard-json')) {
  process.stdout.write(JSON.stringify(await standardJson(JSON.parse(readFileSync(0, 'utf8')))));
} else {
  console.error('expected --version or --standard-json');
  process.exitCode = 2;
}
