/** Runs a real IPFS node, offline, and says where its API listens. It ends when its parent does. `node start.mjs <folder>`. */
import process from 'node:process';

// Its networking part expects a newer Node.
Promise.withResolvers ??= function () {
  let resolve;
  let reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const [{ create }, { HttpApi }] = await Promise.all([import('ipfs-core'), import('ipfs-http-server')]);
const node = await create({
  repo: process.argv[2],
  // Not started it serves what it has, and looks for nothing elsewhere.
  offline: true,
  start: false,
  silent: true,
  preload: { enabled: false },
  init: { emptyRepo: true, algorithm: 'Ed25519' },
  config: {
    Addresses: { Swarm: [], API: '/ip4/127.0.0.1/tcp/0', Gateway: '', Delegates: [], RPC: '' },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } },
  },
});
const api = new HttpApi(node);
await api.start();
const { address, port } = api.apiAddr.nodeAddress();
console.log(`Listening on http://${address}:${port}`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
