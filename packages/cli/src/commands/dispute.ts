/** gensyn dispute: shows the dispute about a task while it is played, and writes its report; or begins one. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { DisputeKnowledge, DisputeRecord, MarketClient } from '@gensyn/protocol';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { jsonLine, onStage, partyOf, roleFlags, type Stage } from '../role-command.js';

/** Milliseconds between two looks. */
const LOOK_MS = 300;

export class Dispute extends GensynCommand {
  static override summary = 'Show a dispute down to the value that decides it, or begin one.';
  static override description =
    'Waits for a challenge of the task unless there is one, shows the descent from checkpoint to step, operator, element and term while it is played, and writes ' +
    'dispute-<challenge>.html, .svg and .json when it is over. With --challenge it replays the claim itself first, and challenges it if it is wrong. ' +
    'Exit code 3: the challenge was right.';
  static override examples = [
    { description: 'The dispute about task 2:', command: '<%= config.bin %> dispute 2' },
    { description: 'Check a claim now:', command: '<%= config.bin %> dispute --claim 7 --challenge' },
  ];
  static override args = {
    task: Args.integer({ description: 'Number of the task.' }),
  };
  static override flags = {
    claim: Flags.integer({ min: 1, description: 'A claim of it; the newest by default.' }),
    game: Flags.integer({ min: 1, helpValue: 'challenge', description: 'A challenge by its number.' }),
    challenge: Flags.boolean({ description: 'Replay the claim, and challenge it if it is wrong.' }),
    wait: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'Wait for a challenge where there is none, and for its end.',
    }),
    out: Flags.string({
      char: 'o',
      helpValue: 'folder',
      default: '.',
      description: 'Where the report goes.',
    }),
    ...roleFlags,
  };

  protected override logJson(document: unknown): void {
    jsonLine(document);
  }

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Dispute);
    if (args.task === undefined && flags.claim === undefined && flags.game === undefined)
      throw new GensynError('U0103', 'a task or --claim must be named', {
        help: '`gensyn status` lists the tasks',
      });
    return onStage(flags, (stage) => this.show(stage, args.task, flags), { acts: flags.challenge ?? false });
  }

  private async show(
    stage: Stage,
    task: number | undefined,
    flags: {
      readonly claim?: number | undefined;
      readonly game?: number | undefined;
      readonly challenge: boolean;
      readonly wait: boolean;
      readonly out: string;
    },
  ): Promise<unknown> {
    const json = this.jsonEnabled();
    if (flags.challenge) {
      const claim = flags.claim ?? (await this.newestClaim(stage, task));
      const { openWhistleblower, playRole } = await import('@gensyn/protocol');
      let wrong = false;
      const party = partyOf(stage, json);
      await playRole(
        'whistleblower',
        {
          ...party,
          emit: (event) => {
            wrong ||= event.kind === 'wrong' && event.claim === claim;
            party.emit(event);
          },
        },
        (...all) => openWhistleblower(...all, { claim }),
      );
      if (stage.signal.aborted) return { claim, ended: false };
      if (!wrong) return json ? { claim, wrong } : undefined;
      process.exitCode = EXIT.fraud;
    }
    const record = await this.follow(stage, task, flags);
    if (!record) return { ended: false };
    const { disputeLines, writeDisputeReport } = await import('../dispute/index.js');
    const files = writeDisputeReport(record, flags.out);
    if (record.verdict?.outcome === 'challenger') process.exitCode = EXIT.fraud;
    if (json) return { dispute: record, files };
    const { width, isLive } = await import('../terminal.js');
    if (!isLive()) this.log(disputeLines(record, width()).join('\n'));
    this.log(`\nThe report is in ${files.html}`);
    return undefined;
  }

  private async newestClaim({ client }: Stage, task: number | undefined): Promise<number> {
    const { claims } = await import('@gensyn/protocol');
    const [newest] = await claims(client, task === undefined ? {} : { task });
    if (!newest) throw new GensynError('N0710', `nobody has claimed task ${task}`);
    return newest.id;
  }

  /** Until the dispute is resolved; undefined when interrupted before there was one. */
  private async follow(
    stage: Stage,
    task: number | undefined,
    flags: {
      readonly claim?: number | undefined;
      readonly game?: number | undefined;
      readonly wait: boolean;
    },
  ): Promise<DisputeRecord | undefined> {
    const { client, signal } = stage;
    const { challengesOf, readDispute } = await import('@gensyn/protocol');
    const { showDispute } = await import('../dispute/index.js');
    const live = showDispute({ enabled: !this.jsonEnabled() });
    let knowledge: DisputeKnowledge | undefined;
    let record: DisputeRecord | undefined;
    let seen = -1;
    let said = false;
    const told = new Map<number, string>();
    try {
      for (; !signal.aborted; await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)) {
        const block = await client.provider.getBlockNumber();
        if (block === seen) continue;
        seen = block;
        const about = {
          ...(task === undefined ? {} : { task }),
          ...(flags.claim === undefined ? {} : { claim: flags.claim }),
        };
        const number = flags.game ?? (await challengesOf(client, about))[0];
        if (number === undefined) {
          await this.sayDemands(client, flags.claim, task, told);
          if (!flags.wait) throw new GensynError('N0710', 'nobody has challenged it');
          if (!said) this.say('Waiting for somebody to challenge it.');
          said = true;
          continue;
        }
        record = await readDispute(client, number, knowledge);
        if (!knowledge) {
          knowledge = await this.knowledge(stage, record.claim);
          if (knowledge) record = await readDispute(client, number, knowledge);
        }
        live.update(record);
        const over = record.verdict !== undefined && record.money.bondReturned !== undefined;
        if (over || (!flags.wait && record.turn === undefined)) break;
        if (!flags.wait) break;
      }
    } finally {
      live.stop();
    }
    return record;
  }

  /** Demands have no descent to be shown: a line for each, and another when something has become of it. */
  private async sayDemands(
    client: MarketClient,
    claim: number | undefined,
    task: number | undefined,
    told: Map<number, string>,
  ): Promise<void> {
    const { claimReport, claims, readClaim } = await import('@gensyn/protocol');
    const { demandLine } = await import('../status-view.js');
    const all =
      claim === undefined
        ? await claims(client, task === undefined ? {} : { task })
        : [await readClaim(client, claim)];
    const now = await client.now();
    for (const each of all)
      for (const demand of (await claimReport(client, each)).demands) {
        if (told.get(demand.id) === demand.asked.outcome) continue;
        told.set(demand.id, demand.asked.outcome);
        this.say(`Demand ${demand.id} about claim ${each.id}, ${demandLine(demand, now)}`);
      }
  }

  /** The job is needed for names only: without it a dispute is shown by numbers. */
  private async knowledge(
    { client, store, device, home }: Stage,
    claim: number,
  ): Promise<DisputeKnowledge | undefined> {
    const { disputeKnowledge } = await import('@gensyn/protocol');
    try {
      return await disputeKnowledge(client, store, device, claim, join(home, 'disputes'));
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      this.say(`Its job cannot be had, so it is shown by numbers: ${error.message}`);
      return undefined;
    }
  }
}
