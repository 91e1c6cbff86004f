/** The example jobs, and whether their data is on this machine. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EXAMPLES = ['digits', 'iris', 'names', 'fashion-mnist'];

const FILES = { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' };

/** The parameters that an example needs here: none, or where its files are; undefined if they are nowhere. */
export function settingsOf(name) {
  if (name !== 'fashion-mnist') return {};
  const beside = fileURLToPath(new URL('../examples/fashion-mnist', import.meta.url));
  const found = [process.env.FASHION_MNIST, beside, '/usr/share/datasets/fashion-mnist'].find(
    (folder) => folder && Object.values(FILES).every((file) => existsSync(join(folder, file))),
  );
  return (
    found && Object.fromEntries(Object.entries(FILES).map(([param, file]) => [param, resolve(found, file)]))
  );
}
