/** Starts a chain, prints its address, and ends in the way that its argument says. */
import { writeSync } from 'node:fs';
import { startDevnet } from '../../src/devnet/start-devnet.js';

const { url, provider } = await startDevnet();
await provider.getBlockNumber();
writeSync(1, url);
const end = process.argv[2]!;
if (end === 'throw') throw new Error('on purpose');
if (end === 'exit') process.exit(0);
process.kill(process.pid, end);
