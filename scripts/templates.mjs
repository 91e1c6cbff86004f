/** Puts the templates of `gensyn init` together: examples as they are, and pictures in IDX files made from the digits. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Template, and the files of an example that make it. */
const FROM_EXAMPLES = {
  digits: ['digits/job.gml', 'digits/digits.csv.gz'],
  table: ['iris/job.gml', 'iris/iris.csv'],
  text: ['names/job.gml', 'names/names.txt'],
};

/** @param {string} root of the repository */
export function buildTemplates(root) {
  const target = join(root, 'packages/cli/dist/templates');
  rmSync(target, { recursive: true, force: true });
  for (const [name, files] of Object.entries(FROM_EXAMPLES)) {
    mkdirSync(join(target, name), { recursive: true });
    for (const file of files)
      copyFileSync(join(root, 'examples', file), join(target, name, file.split('/')[1]));
  }
  const images = join(target, 'images');
  mkdirSync(images);
  copyFileSync(join(root, 'packages/cli/templates/images/job.gml'), join(images, 'job.gml'));
  const rows = gunzipSync(readFileSync(join(root, 'examples/digits/digits.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  writeFileSync(
    join(images, 'images-idx3-ubyte.gz'),
    idx(
      [rows.length, 8, 8],
      rows.flatMap((row) => row.slice(0, 64)),
    ),
  );
  writeFileSync(
    join(images, 'labels-idx1-ubyte.gz'),
    idx(
      [rows.length],
      rows.map((row) => row[64]),
    ),
  );
}

/** Bytes as an IDX file (Y. LeCun's format of MNIST), compressed. */
function idx(shape, values) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length, 0);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return gzipSync(Buffer.concat([header, Uint8Array.from(values)]), { level: 9 });
}
