/** gensyn verify: replays segments of a run and compares what they reach with what the run claims. */
import { Args, Flags } from '@oclif/core';
import type { Job, ShardsJob } from '@gensyn/runtime';
import type { VerifyOptions } from '@gensyn/verifier';
import { relative } from 'node:path';
import { chooseDevice } from '../choose-device.js';
import { checkResult, withResult, type ResultCheck } from '../check-result.js';
import { readClaim, readShardsClaim } from '../claimed-run.js';
import { GensynCommand } from '../command.js';
import { demandFlags, demandOptions, type DemandFlags } from '../demand-flags.js';
import { compileSource } from '../compile-source.js';
import { EXIT } from '../exit-code.js';
import { findJob } from '../find-job.js';
import { findRun } from '../find-run.js';
import { deviceOptions, fraction, numbers } from '../flags.js';
import { jsonLine, onStage, partyOf, roleFlags } from '../role-command.js';
import { readSettings, type Settings } from '../settings.js';

/** Findings that prove a claim untrue, whoever repeats the computation. The others are about form, or about what is missing. */
const FRAUD: ReadonlySet<string> = new Set(['V0103', 'V0108', 'V0109', 'V0201', 'V0202', 'V0204', 'V0205']);

export class Verify extends GensynCommand {
  static override summary = 'Replay parts of a run and compare the roots.';
  static override description =
    'Starts from the stored checkpoints, trains the chosen segments again, on any device, and compares the state they reach with what the run claims. The state that the run came to is held against its record, and files with predictions against that state. ' +
    'Exit code 0: all replayed segments match; 3: a claim is provably wrong; 1: the proof is malformed, or a checkpoint or a file with predictions is missing, damaged or changed.';
  static override examples = [
    {
      description: 'The sample that the job itself asks for, of the newest run:',
      command: '<%= config.bin %> verify',
    },
    {
      description: 'A tenth, drawn by a seed that can be repeated:',
      command: '<%= config.bin %> verify runs/digits --sample 10% --seed 42',
    },
    {
      description: 'Two segments, on the GPU:',
      command: '<%= config.bin %> verify runs/digits --segments 3,5 --gpu',
    },
    {
      description: 'A verifier of the market, with two seats:',
      command: '<%= config.bin %> verify --watch --seats 2 --account me',
    },
    {
      description: "Somebody's run against your own text of the job:",
      command: '<%= config.bin %> verify downloads/run --job job.gml --all',
    },
  ];
  static override args = {
    run: Args.string({ description: 'A run folder, or a job that was run; the newest in runs/ by default.' }),
  };
  static override flags = {
    ...roleFlags,
    watch: Flags.boolean({
      char: 'w',
      description: 'Be a verifier of the market: hold seats, replay what they are drawn for, attest to it.',
      exclusive: ['sample', 'segments', 'all', 'seed', 'job'],
    }),
    seats: Flags.integer({
      min: 1,
      max: 1000,
      description: 'Seats to hold; 1 by default.',
      dependsOn: ['watch'],
    }),
    ...demandFlags('watch'),
    sample: Flags.string({
      helpValue: '10%',
      description: "Fraction of the segments to replay; the job's own by default.",
    }),
    segments: Flags.string({
      helpValue: '3,5',
      description: 'Replay these segments, counted from 1.',
      exclusive: ['sample', 'all'],
    }),
    all: Flags.boolean({ description: 'Replay every segment.', exclusive: ['sample'] }),
    seed: Flags.string({ description: 'What the sample is drawn by; random by default.' }),
    job: Flags.string({
      helpValue: 'job',
      description: 'The job to hold the run to; the one in its folder by default.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Verify);
    if (flags.watch) return this.watch(flags);
    const settings = await readSettings(deviceOptions(flags));
    const options: VerifyOptions = {
      ...(flags.sample === undefined ? {} : { sample: fraction(flags.sample, 'sample') }),
      ...(flags.segments === undefined ? {} : { segments: numbers(flags.segments, 'segments') }),
      ...(flags.all ? { all: true } : {}),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    };
    const folder = findRun(args.run, settings);
    const device = await chooseDevice(settings);
    const { makeReplayer, makeShardsReplayer } = await import('@gensyn/runtime');
    const { verifyRun, verifyShards } = await import('@gensyn/verifier');
    const job = await this.job(flags.job, folder, settings);
    const sharded = job.manifest.shards && (await readShardsClaim(folder, job.manifest));
    const { run, proved } = sharded ?? (await readClaim(folder, job.manifest));
    const name = relative('.', folder) || '.';
    if (!proved) this.say(`${name} is not finished: its records are checked as far as they go.`);

    const { showProgress } = await import('../progress.js');
    const progress = await showProgress('replaying step', !this.jsonEnabled());
    const asked: VerifyOptions = {
      ...options,
      partial: !proved,
      progress: ({ segment, done, total }) => progress.update(done, total, [`segment ${segment}`]),
    };
    const replayer = makeReplayer(job, folder, device);
    const parts =
      sharded && makeShardsReplayer(await this.parts(flags.job, folder, settings), folder, device);
    let replayed;
    try {
      replayed =
        sharded && parts
          ? await verifyShards(sharded.run, parts, asked)
          : await verifyRun(run, replayer, asked);
    } finally {
      progress.stop();
      await (parts ?? replayer).close();
    }
    // Where the proof itself is wrong, its records say nothing.
    const last = replayed.findings.some(({ code }) => code.startsWith('V01'))
      ? undefined
      : run.records.at(-1);
    const result: ResultCheck = last ? await checkResult(folder, job, last) : { findings: [] };
    const report = withResult(replayed, result);
    const { predictions } = result;
    const fraud = report.findings.some(({ code }) => FRAUD.has(code));
    process.exitCode = fraud ? EXIT.fraud : report.verdict === 'verified' ? EXIT.ok : EXIT.failure;
    if (this.jsonEnabled())
      return { run: folder, finished: proved, fraud, proofRoot: run.proofRoot, predictions, ...report };
    const { verifySummary } = await import('../verify-summary.js');
    this.log(
      verifySummary(name, report, { fraud, predictions, predicts: job.manifest.predictions !== undefined }),
    );
    return undefined;
  }

  private watching = false;

  /** Events and their end are lines; a report is a document. */
  protected override logJson(document: unknown): void {
    if (this.watching) jsonLine(document);
    else super.logJson(document);
  }

  private async watch(
    flags: Parameters<typeof onStage>[0] & DemandFlags & { readonly seats?: number | undefined },
  ): Promise<unknown> {
    this.watching = true;
    const { openVerifier, parseTokens, playRole } = await import('@gensyn/protocol');
    const json = this.jsonEnabled();
    const options = { seats: flags.seats ?? 1, ...demandOptions(flags, parseTokens) };
    await onStage(flags, (stage) =>
      playRole('verifier', partyOf(stage, json), (...all) => openVerifier(...all, options)),
    );
    return { ended: true };
  }

  private async job(named: string | undefined, folder: string, settings: Settings): Promise<Job> {
    const { loadJob } = await import('@gensyn/runtime');
    // The folder may be somebody else's: its note that the data were checked before counts for nothing.
    return loadJob(await this.folderOf(named, folder, settings), { full: true });
  }

  private async parts(named: string | undefined, folder: string, settings: Settings): Promise<ShardsJob> {
    const { loadShards } = await import('@gensyn/runtime');
    return loadShards(await this.folderOf(named, folder, settings), { full: true });
  }

  private async folderOf(named: string | undefined, folder: string, settings: Settings): Promise<string> {
    if (named === undefined) return folder;
    const job = findJob(named);
    return job.kind === 'compiled' ? job.path : (await compileSource({ job, settings, set: {} })).folder;
  }
}
