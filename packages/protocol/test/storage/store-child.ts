/** A process that uses a store: `add <spec> <folder>` prints a CID, `fetch <spec> <cid> <path> <target>`. */
import fs from 'node:fs';
import path from 'node:path';
import { openStore } from '../../src/index.js';

const [command, spec, ...rest] = process.argv.slice(2) as [string, string, string, string, string];
const store = await openStore(spec);
if (command === 'add') {
  const [folder] = rest;
  const files = fs
    .readdirSync(folder!)
    .map((name) => ({ path: name, content: { file: path.join(folder!, name) } }));
  console.log(await store.add(files));
} else {
  const [cid, name, target] = rest;
  await store.fetch(cid!, name!, 2 ** 30, target!);
}
