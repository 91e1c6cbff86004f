/** A process of its own that deposits one token at a time, from an account that others use too. Prints how many came through. */
import { deposit, openMarket } from '../../src/chain/index.js';

const [rpc, market, account, times] = process.argv.slice(2) as [string, string, string, string];
const client = await openMarket({ rpc, market, account });
let done = 0;
for (let i = 0; i < Number(times); i++) {
  await deposit(client, 10n ** 18n);
  done += 1;
}
await client.close();
process.stdout.write(String(done));
