/** Roles in one process on a chain of their own, whose time passes only when nobody has anything to do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadJob, openCpu, type Device } from '@gensyn/runtime';
import { publishJob } from '../../src/artefacts/index.js';
import {
  readClaim,
  readTask,
  submitTask,
  type Claim,
  type MarketClient,
  type Task,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import type { MarketValues } from '../../src/market/index.js';
import type { Agent } from '../../src/roles/agent.js';
import { openDuties, type Duties } from '../../src/roles/duties.js';
import { openParty, type Party } from '../../src/roles/party.js';
import type { RoleEvent, RoleName } from '../../src/roles/role-event.js';
import { openShelf, type Shelf } from '../../src/roles/shelf.js';
import { openStore, type Store } from '../../src/storage/index.js';
import { tinyJobs, type JobOptions, type Jobs } from './tiny-jobs.js';

export const TOKEN = 10n ** 18n;

export interface Player {
  readonly name: string;
  readonly party: Party;
  readonly agent: Agent;
  readonly duties: Duties;
  readonly shelf: Shelf;
  readonly account: string;
  /** Stops as a killed process does, as far as one process can: nothing more is begun, notes and lock are let go. */
  kill(): Promise<void>;
}

export interface Bazaar {
  readonly devnet: MarketDevnet;
  readonly events: (RoleEvent & { readonly who: string })[];
  readonly store: Store;
  join(
    role: RoleName,
    account: number,
    make: (party: Party, shelf: Shelf, duties: Duties) => Agent,
    name?: string,
  ): Promise<Player>;
  submit(job: JobOptions, request?: Partial<SubmitOptions>): Promise<number>;
  task(id: number): Promise<Task>;
  claim(id: number): Promise<Claim>;
  /** Everybody acts until nobody has anything to do; then time passes; until `over` says so. */
  until(over: () => Promise<boolean>, seconds?: number): Promise<void>;
  /** Leaves somebody out of the rounds. */
  rest(player: Player): void;
  /** One round of everybody; whether anything happened on the chain. */
  round(): Promise<boolean>;
  money(account: string): Promise<bigint>;
  readonly look: MarketClient;
  close(): Promise<void>;
}

export interface SubmitOptions {
  readonly segment: number;
  readonly workTime: number;
  readonly parent: number;
  readonly reward: bigint;
  /** Where the submitter says that the job is, in place of the truth. */
  readonly artefacts: string;
}

/** Seconds that pass at once where nobody has anything to do. */
const PASS = 3;
const LIMIT_MS = 150_000;

export async function openBazaar(values: Partial<MarketValues> = {}): Promise<Bazaar> {
  const devnet = await startMarketDevnet({
    windows: 10,
    clock: 60,
    values: { revealTime: 10, challengeTime: 10, ...values },
  });
  const home = mkdtempSync(join(tmpdir(), 'gensyn-roles-'));
  const store = await openStore(join(home, 'store'));
  const device: Device = await openCpu({ threads: 1 });
  const jobs: Jobs = tinyJobs();
  const events: (RoleEvent & { who: string })[] = [];
  const look = await devnet.client();
  const submitter = await devnet.client(0);
  const players = new Map<string, Player>();
  const killed = new Set<Player>();
  const ends: (() => Promise<void>)[] = [];

  async function round(): Promise<boolean> {
    const before = await look.provider.getBlockNumber();
    await Promise.all(
      [...players.values()].map(async ({ party, agent, duties }) => {
        await party.view.refresh();
        await agent.tick();
        await duties.rest();
      }),
    );
    return (await look.provider.getBlockNumber()) > before;
  }

  return {
    devnet,
    events,
    store,
    look,
    round,
    rest: ({ name }) => void players.delete(name),
    async join(role, account, make, name = `${role} ${account}`) {
      const client = await devnet.client(account);
      const ending = new AbortController();
      const party = await openParty(role, {
        client,
        store,
        device,
        home: join(home, 'roles'),
        emit: (event) => {
          events.push({ ...event, who: name });
          if (process.env['GENSYN_DEBUG']) console.log(`      ${name}: ${event.text}`);
        },
        signal: ending.signal,
      });
      const shelf = openShelf(party);
      const duties = openDuties({
        signal: ending.signal,
        longest: 10,
        failed: (key, error) => {
          if (process.env['GENSYN_DEBUG']) console.log(`      ${name}: failed: ${key}`, error);
          events.push({
            who: name,
            role,
            kind: 'retry',
            text: `${key}: ${String((error as Error)?.stack ?? error)}`,
            code: (error as { code?: string }).code ?? 'none',
          });
        },
      });
      const player: Player = {
        name,
        party,
        shelf,
        duties,
        agent: make(party, shelf, duties),
        account: party.account,
        async kill() {
          players.delete(name);
          killed.add(player);
          ending.abort();
          await duties.rest();
          await shelf.close();
          party.close();
          await client.close();
        },
      };
      players.set(name, player);
      ends.push(async () => {
        if (!killed.has(player)) await player.kill();
      });
      return player;
    },
    async submit(options, request = {}) {
      const folder = await jobs.compiled(options);
      const job = await loadJob(folder);
      const published = await publishJob(store, folder);
      const { artefacts = published } = request;
      const reward = request.reward ?? 10n * TOKEN;
      const { task, confirm } = await submitTask(
        submitter,
        {
          job,
          artefacts,
          rewardMin: reward,
          rewardMax: reward,
          rise: 0,
          workTime: request.workTime ?? 600,
          deadline: 100_000,
          segment: request.segment,
          parent: request.parent,
        },
        join(home, 'roles'),
      );
      confirm();
      return task;
    },
    task: (id) => readTask(look, id),
    claim: (id) => readClaim(look, id),
    async until(over, seconds = PASS) {
      const end = performance.now() + LIMIT_MS;
      while (!(await over())) {
        if (performance.now() > end)
          throw new Error(
            `nothing comes of it: ${events
              .slice(-12)
              .map(({ who, text }) => `${who}: ${text}`)
              .join(' | ')}`,
          );
        if (!(await round())) await devnet.pass(seconds);
      }
    },
    async money(account) {
      const [free, wallet] = await Promise.all([look.market.free(account), look.token.balanceOf(account)]);
      return free + wallet;
    },
    async close() {
      for (const end of ends) await end();
      await submitter.close();
      await look.close();
      await store.close();
      await devnet.stop();
      jobs.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
