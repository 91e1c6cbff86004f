/** The example jobs, and whether their data is on this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EXAMPLES = [
  'digits',
  'iris',
  'names',
  'fashion-mnist',
  'fashion-cnn',
  'moby-gpt',
  'digits-onnx',
  'digits-shards',
];

const FILES = { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' };

/** Jobs that take minutes to hours are recorded and tested in a short and narrow version, which golden.json names. */
function shortened(name) {
  const file = fileURLToPath(new URL(`../examples/${name}/golden.json`, import.meta.url));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).set ?? {}) : {};
}

/**
 * The parameters that an example needs here: where its files are; undefined if they are nowhere. With `short`, also those of the version
 * whose roots golden.json records, where that is not the job as it stands.
 */
export function settingsOf(name, { short = false } = {}) {
  const extent = short ? shortened(name) : {};
  if (!name.startsWith('fashion-')) return extent;
  const beside = fileURLToPath(new URL('../examples/fashion-mnist', import.meta.url));
  const found = [process.env.FASHION_MNIST, beside, '/usr/share/datasets/fashion-mnist'].find(
    (folder) => folder && Object.values(FILES).every((file) => existsSync(join(folder, file))),
  );
  return (
    found && {
      ...extent,
      ...Object.fromEntries(Object.entries(FILES).map(([param, file]) => [param, resolve(found, file)])),
    }
  );
}
