/** A connection to a chain, with the waiting that ethers does by default taken out. */
import { GensynError } from '@gensyn/ir';
import { FetchRequest, JsonRpcProvider, Network } from 'ethers';
import { PatientProvider } from '../chain/patient-provider.js';

const TIMEOUT_MS = 60_000;

/**
 * @param url of the JSON-RPC endpoint
 * @param chainId which chain is expected there
 * @throws GensynError N0201 where no chain answers, N0202 where it is another
 */
export async function connect(url: string, chainId?: number): Promise<JsonRpcProvider> {
  const request = (): FetchRequest => {
    const made = new FetchRequest(url);
    made.timeout = TIMEOUT_MS;
    return made;
  };
  const asked = new JsonRpcProvider(request(), chainId ?? 1, { staticNetwork: true, batchMaxCount: 1 });
  let found: number;
  try {
    found = Number(await asked.send('eth_chainId', []));
  } catch (cause) {
    throw new GensynError('N0201', `no chain answers at ${url}`, {
      help: '`gensyn devnet up` starts a local one',
      cause,
    });
  } finally {
    asked.destroy();
  }
  if (chainId !== undefined && found !== chainId)
    throw new GensynError('N0202', `the chain at ${url} is ${found}, not ${chainId}`);
  const provider = new PatientProvider(request(), found, {
    staticNetwork: Network.from(found),
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  // Milliseconds between looking for a new block: what a local chain makes at once is seen at once.
  provider.pollingInterval = found === 31337 ? 20 : 1000;
  return provider;
}
