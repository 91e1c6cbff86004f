/** gensyn submit: posts a job on the market. */
import { Args, Flags } from '@oclif/core';
import { GensynError, type Manifest } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { parseTime } from '../amounts.js';
import { chooseDevice } from '../choose-device.js';
import { GensynCommand } from '../command.js';
import { compileSource } from '../compile-source.js';
import { findJob } from '../find-job.js';
import { deviceFlags, deviceOptions, setFlag, settings as pairs } from '../flags.js';
import {
  accountFlags,
  chainFlags,
  homeFlag,
  marketSettings,
  openMarketWith,
  storeFlag,
} from '../market-flags.js';
import type { Profile } from '../profile-job.js';
import { jsonLine } from '../role-command.js';
import type { ShardsSubmission } from '../submit-shards.js';
import { homeOf, storeOf, type Settings } from '../settings.js';

const DAY = 86_400;
const HOUR = 3600;
/** Time to work, of what a profile says that the steps take. */
const WORK_FACTOR = 10;
const LEAST_WORK = 600;

export class Submit extends GensynCommand {
  static override summary = 'Post a job on the market, its reward escrowed.';
  static override description =
    'Compiles the job if it is given as text, puts its files into the store, brings what is missing of the reward and the fees into the market, and posts the task. ' +
    'The reward rises from the least to the most until a solver takes the task; what is not spent comes back. ' +
    'A job in shards is posted task by task: the replicas of a round, then their merge, as long as the command runs. ' +
    'If the command is ended on the way, the same command goes on: nothing is posted twice.';
  static override examples = [
    {
      description: 'The job of this folder, for 10 to 20 tokens:',
      command: '<%= config.bin %> submit --reward-min 10 --reward-max 20 --account devnet:0',
    },
    {
      description: 'In parts that different solvers may take, with a measured step:',
      command: '<%= config.bin %> submit job.gml --segment 500 --profile --reward-min 10 --reward-max 20',
    },
    {
      description: 'Go on from the result of task 3:',
      command: '<%= config.bin %> submit longer.gml --parent 3 --reward-min 5 --reward-max 9',
    },
  ];
  static override args = {
    job: Args.string({ description: 'A .gml file, a compiled job, or a folder with one of them.' }),
  };
  static override flags = {
    'reward-min': Flags.string({
      helpValue: 'tokens',
      description: "Least reward for the whole task; that of the job's market section by default.",
    }),
    'reward-max': Flags.string({ helpValue: 'tokens', description: 'Highest reward.' }),
    rise: Flags.string({
      helpValue: 'time',
      description: 'How long the reward rises: 90s, 30m, 12h, 7d. 10m by default.',
    }),
    'work-time': Flags.string({
      helpValue: 'time',
      description: 'What a solver has for a segment; by default 1h, or ten times what --profile measures.',
    }),
    deadline: Flags.string({
      helpValue: 'time',
      description: "How long segments may be claimed; the job's own, else 1d.",
    }),
    segment: Flags.integer({
      min: 1,
      helpValue: 'steps',
      description: 'Steps of a claim, whole checkpoint intervals; all steps by default.',
    }),
    parent: Flags.integer({
      min: 1,
      helpValue: 'task',
      description: 'Go on from the final state of this task.',
    }),
    profile: Flags.boolean({ description: 'Run some steps, and publish what a step takes.' }),
    set: setFlag,
    ...deviceFlags,
    ...accountFlags,
    ...chainFlags,
    store: storeFlag,
    home: homeFlag,
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Submit);
    const settings = await marketSettings(flags, deviceOptions(flags));
    const job = findJob(args.job);
    const protocol = await import('@gensyn/protocol');
    const given = {
      min: flags['reward-min'] === undefined ? undefined : protocol.parseTokens(flags['reward-min']),
      max: flags['reward-max'] === undefined ? undefined : protocol.parseTokens(flags['reward-max']),
    };
    const times = {
      rise: parseTime(flags.rise ?? '10m', 'rise'),
      work: flags['work-time'] === undefined ? undefined : parseTime(flags['work-time'], 'work-time'),
      deadline: flags.deadline === undefined ? undefined : parseTime(flags.deadline, 'deadline'),
    };
    const client = await openMarketWith(settings, flags, { acts: true });
    try {
      const folder =
        job.kind === 'compiled'
          ? job.path
          : (await compileSource({ job, settings, set: pairs(flags.set) })).folder;
      const { loadJob } = await import('@gensyn/runtime');
      const opened = await loadJob(folder);
      const price = priceOf(opened.manifest, given, protocol.parseTokens);
      if (opened.manifest.shards) {
        for (const name of ['segment', 'parent', 'profile'] as const)
          if (flags[name] !== undefined && flags[name] !== false)
            throw new GensynError('U0106', `--${name} is not for jobs in shards`);
        return await this.shards({
          ...{ client, settings, folder, price, rise: times.rise, workTime: times.work ?? HOUR },
          deadline: times.deadline ?? opened.manifest.market?.deadlineSeconds ?? DAY,
        });
      }
      const profile = flags.profile ? await this.measure(opened, settings) : undefined;
      this.say(`Putting the job into ${storeOf(settings)}.`);
      const store = await protocol.openStore(storeOf(settings));
      let artefacts: string;
      try {
        artefacts = await protocol.publishJob(store, folder);
      } finally {
        await store.close();
      }
      const segment = flags.segment ?? opened.manifest.steps;
      const measured = profile
        ? Math.max(LEAST_WORK, Math.ceil((WORK_FACTOR * segment * profile.nanosecondsPerStep) / 1e9))
        : HOUR;
      const submitted = await protocol.submitTask(
        client,
        {
          job: opened,
          artefacts,
          ...price,
          rise: times.rise,
          workTime: times.work ?? measured,
          deadline: times.deadline ?? opened.manifest.market?.deadlineSeconds ?? DAY,
          segment: flags.segment,
          parent: flags.parent,
        },
        homeOf(settings),
      );
      const { task, escrow, deposited, deadline, steps, firstStep, found } = submitted;
      if (profile) {
        const { nanosecondsPerStep, bytesOfMemory } = profile;
        await client.send(
          `publish what a step of task ${task} takes`,
          client.market.profile.populateTransaction(task, nanosecondsPerStep, bytesOfMemory),
        );
      }
      submitted.confirm();
      if (this.jsonEnabled())
        return { task, artefacts, ...price, escrow, deposited, steps, firstStep, deadline, found, profile };
      const { block } = await import('../job-summary.js');
      const { count, duration } = await import('../words.js');
      const { tokens } = protocol;
      this.log(`${found ? 'An earlier attempt had posted' : 'Posted'} task ${task}.\n`);
      this.log(
        block([
          ['job', artefacts],
          ['steps', `${count(steps)}${firstStep > 0 ? `, after ${count(firstStep)}` : ''}`],
          ['reward', `${tokens(price.rewardMin)} rising to ${tokens(price.rewardMax)}`],
          ['escrow', `${tokens(escrow)}, fees among it; ${tokens(deposited)} came from the wallet`],
          ['deadline', new Date(deadline * 1000).toISOString()],
          ...(profile ? [['step', stepLine(profile, duration)] as const] : []),
        ]),
      );
      this.say(`\n\`gensyn status ${task} --follow\` shows how it goes.`);
      return undefined;
    } finally {
      await client.close();
    }
  }

  /** Events and their end are lines; a single task is a document. */
  private streaming = false;

  protected override logJson(document: unknown): void {
    if (this.streaming) jsonLine(document);
    else super.logJson(document);
  }

  private async shards(submission: Omit<ShardsSubmission, 'told'>): Promise<unknown> {
    const [{ submitShards }, { tokens }] = await Promise.all([
      import('../submit-shards.js'),
      import('@gensyn/protocol'),
    ]);
    this.streaming = true;
    const json = this.jsonEnabled();
    const posted = await submitShards({
      ...submission,
      told: (event) => {
        if (json) return jsonLine(event);
        const { kind, name, task, rewardMax } = event;
        this.log(
          kind === 'done'
            ? `${name}: task ${task} is done`
            : `${name}: ${kind === 'posted' ? 'posted' : 'found'} task ${task}, for up to ${tokens(rewardMax)}`,
        );
      },
    });
    if (json) return posted;
    this.log(
      posted.task === undefined
        ? 'Ended before the last merge: the same command goes on.'
        : `All rounds are done: the state of task ${posted.task} holds what was trained, once for each shard.`,
    );
    return undefined;
  }

  private async measure(job: Job, settings: Settings): Promise<Profile> {
    const { profileJob } = await import('../profile-job.js');
    this.say('Running some steps.');
    return profileJob(job, await chooseDevice(settings));
  }
}

const stepLine = (profile: Profile, duration: (seconds: number) => string): string =>
  `${(profile.nanosecondsPerStep / 1e6).toPrecision(3)} ms and ${Math.round(profile.bytesOfMemory / 2 ** 20)} MiB on ${profile.device} (${profile.steps} steps in ${duration((profile.steps * profile.nanosecondsPerStep) / 1e9)})`;

/** Errors: U0111, U0109. */
function priceOf(
  { market }: Manifest,
  { min, max }: { readonly min: bigint | undefined; readonly max: bigint | undefined },
  parse: (text: string) => bigint,
): { readonly rewardMin: bigint; readonly rewardMax: bigint } {
  const own = market && { min: parse(market.rewardMin.toFixed(9)), max: parse(market.rewardMax.toFixed(9)) };
  const rewardMax = max ?? own?.max ?? min;
  const rewardMin = min ?? (max === undefined ? own?.min : max);
  if (rewardMin === undefined || rewardMax === undefined) {
    throw new GensynError('U0111', 'it must be said what the task pays', {
      help: 'for instance --reward-min 10 --reward-max 20, or a market section in the job',
    });
  }
  if (rewardMin === 0n || rewardMin > rewardMax)
    throw new GensynError('U0111', 'the least reward must be above 0 and not above the highest');
  return { rewardMin, rewardMax };
}
