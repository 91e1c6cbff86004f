/** Posts a job in shards: the replicas of the first round, and whatever comes next as soon as what it begins with is proven. */
import type { MarketClient, ShardsEvent } from '@gensyn/protocol';
import { chooseDevice } from './choose-device.js';
import { EXIT } from './exit-code.js';
import { homeOf, storeOf, type Settings } from './settings.js';

export interface ShardsSubmission {
  readonly client: MarketClient;
  readonly settings: Settings;
  /** Of the compiled job. */
  readonly folder: string;
  readonly price: { readonly rewardMin: bigint; readonly rewardMax: bigint };
  readonly rise: number;
  readonly workTime: number;
  readonly deadline: number;
  readonly told: (event: ShardsEvent) => void;
}

export interface ShardsPosted {
  /** The last merge, once it is done; absent where the user ended the command before. */
  readonly task?: number;
  readonly tasks: readonly number[];
  readonly interrupted: boolean;
}

/** Stays until all is done, or until Ctrl-C: the same command goes on. Errors: those of `driveShards`. */
export async function submitShards(request: ShardsSubmission): Promise<ShardsPosted> {
  const { client, settings, folder, price, rise, workTime, deadline, told } = request;
  const [{ driveShards, openStore }, { loadShards }] = await Promise.all([
    import('@gensyn/protocol'),
    import('@gensyn/runtime'),
  ]);
  const ending = new AbortController();
  const stop = (): void => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    process.exitCode = EXIT.interrupted;
    ending.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  const store = await openStore(storeOf(settings));
  const tasks = new Set<number>();
  try {
    const events = driveShards(client, {
      ...{ job: await loadShards(folder), folder, store, ...price, rise, workTime, deadline },
      ...{ home: homeOf(settings), device: await chooseDevice(settings), signal: ending.signal },
    });
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) {
        const last = next.value;
        return {
          ...(last === undefined ? {} : { task: last }),
          tasks: [...tasks],
          interrupted: last === undefined,
        };
      }
      tasks.add(next.value.task);
      told(next.value);
    }
  } catch (error) {
    if (ending.signal.aborted) return { tasks: [...tasks], interrupted: true };
    throw error;
  } finally {
    await store.close();
    for (const name of names) process.off(name, stop);
  }
}
