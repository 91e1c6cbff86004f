/** Opens what the setting `store` names: folders and addresses of IPFS nodes, as one store. */
import { GensynError } from '@gensyn/ir';
import type { Store } from './store.js';

export interface StoreOptions {
  /** Milliseconds that a node has for one request. */
  readonly timeout?: number;
  /** Tries of a request that failed on the way. */
  readonly tries?: number;
}

/**
 * @param spec folders and http(s) addresses of IPFS APIs, with commas between them: `./store,http://127.0.0.1:5001`. Folders are made.
 * Reading asks folders first, then the nodes in the order given, block by block. Adding writes to all folders and to all nodes that
 * answer, to one at least. Errors: N0505 for a setting that names no store, N0503 for a folder that cannot be made.
 */
export async function openStore(spec: string, options: StoreOptions = {}): Promise<Store> {
  const places = spec
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (places.length === 0)
    throw new GensynError('N0505', 'the setting names no store', {
      help: 'Give a folder, or the address of an IPFS node such as http://127.0.0.1:5001.',
    });
  const addresses = places.filter((place) => /^[a-z][a-z0-9+.-]+:\/\//i.test(place)).map(addressOf);
  const folders = places.filter((place) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(place));
  // All of IPFS takes a while to load, and most commands need none of it.
  const { joinStores } = await import('./joined-store.js');
  return joinStores(folders, addresses, options);
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new GensynError('N0505', `${JSON.stringify(text.slice(0, 200))} is no address of a store`, {
      help: 'Addresses of IPFS nodes begin with http:// or https://; everything else is a folder.',
    });
  return url.href;
}
