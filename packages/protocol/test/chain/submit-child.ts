/** Posts a job, and prints its task; to be killed on the way. */
import { loadJob } from '@gensyn/runtime';
import { openMarket, submitTask } from '../../src/chain/index.js';

const [rpc, market, folder, home] = process.argv.slice(2) as [string, string, string, string];
const client = await openMarket({ rpc, market, account: 'devnet:3' });
const TOKEN = 10n ** 18n;
const amounts = { rewardMin: 5n * TOKEN, rewardMax: 10n * TOKEN };
const times = { rise: 10, workTime: 100, deadline: 1000 };
const job = await loadJob(folder);
const { task } = await submitTask(
  client,
  { job, artefacts: `bafy${'b'.repeat(55)}`, ...amounts, ...times },
  home,
);
await client.close();
process.stdout.write(String(task));
