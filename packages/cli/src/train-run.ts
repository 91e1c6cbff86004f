/** Runs a job to its end or until the user stops it, showing how it goes. */
import type { Device, Job, ShardsJob, TrainEvent } from '@gensyn/runtime';
import { catchInterrupt } from './interrupt.js';
import { rowsPerStep, trainingSteps } from './job-work.js';
import { showProgress } from './progress.js';
import { duration, figure, scaled } from './words.js';

export interface TrainRequest {
  readonly job: Job;
  /** The parts of a job in shards, and how many processes train them. */
  readonly shards?: { readonly job: ShardsJob; readonly processes: number } | undefined;
  readonly folder: string;
  readonly device: Device;
  readonly resume: boolean;
  readonly keep?: number | 'all' | undefined;
  /** Stop at the first checkpoint from this step on. */
  readonly until?: number | undefined;
  readonly quiet: boolean;
}

type Of<K extends TrainEvent['kind']> = Extract<TrainEvent, { kind: K }>;

export interface Trained {
  readonly start: Of<'start'>;
  /** Absent when the user or `until` ended the run before its last step. */
  readonly end: Of<'end'> | undefined;
  /** Steps whose state is stored. */
  readonly step: number;
  readonly interrupted: boolean;
  readonly stateRoot: string | undefined;
  readonly loss: number | undefined;
  readonly holdout: Readonly<Record<string, number>> | undefined;
  /** Steps done by this call, those of them that are no merges, and the time it took for them. */
  readonly steps: number;
  readonly trainingSteps: number;
  readonly seconds: number;
}

/** After Ctrl-C the next checkpoint is waited for if it is no further off than this. */
const PATIENCE_S = 15;

/** Errors: those of `train`. */
export async function trainRun({
  job,
  shards,
  folder,
  device,
  resume,
  keep,
  until,
  quiet,
}: TrainRequest): Promise<Trained> {
  const { train, trainShards } = await import('@gensyn/runtime');
  const { manifest } = job;
  const progress = await showProgress('step', !quiet);
  let rate = 0;
  let at = 0;
  let calls = 0;
  const interrupt = catchInterrupt(() => {
    const left = manifest.checkpointEvery - (at % manifest.checkpointEvery);
    const seconds = rate > 0 ? left / rate : 0;
    if (seconds <= PATIENCE_S)
      progress.note(
        `Stopping at the next checkpoint, in about ${duration(seconds)}. Ctrl-C again stops at once.`,
      );
    else {
      progress.note('Stopping; what was done since the last checkpoint is done again on --resume.');
      interrupt.abort();
    }
  });
  const trainedSince = (step: number): number => trainingSteps(manifest, at) - trainingSteps(manifest, step);
  let start: Of<'start'> | undefined;
  let end: Of<'end'> | undefined;
  let last: Pick<Of<'checkpoint'>['record'], 'step' | 'stateRoot' | 'loss'> | undefined;
  let holdout: Readonly<Record<string, number>> | undefined;
  let begun = performance.now();
  let stopped = begun;
  try {
    const options = {
      ...{ folder, device, resume, signal: interrupt.signal },
      ...(keep === undefined ? {} : { keep }),
    };
    const events = shards
      ? trainShards(shards.job, { ...options, processes: shards.processes })
      : train(job, options);
    for await (const event of events) {
      if (event.kind === 'start') {
        start = event;
        at = event.step;
        begun = stopped = performance.now();
        for (const { step, reason } of event.skipped)
          progress.note(`checkpoint ${step} is not usable: ${reason.message}`);
      } else if (event.kind === 'progress') {
        at = event.step;
        stopped = performance.now();
        // The mean over what this call has done is steadier than the latest pace.
        rate = (at - start!.step) / ((stopped - begun) / 1000);
        const pace = trainedSince(start!.step) / ((stopped - begun) / 1000);
        calls += 1;
        const { loss, metrics, count } = event.scalars;
        const figures = loss.length > 0 ? [['loss', loss] as const] : [...metrics].slice(0, 2);
        progress.update(at, manifest.steps, [
          ...figures.map(([name, values]) => `${name} ${figure(values[count - 1]!)}`),
          `${scaled(pace)} steps/s`,
          // The first call also warms the device up, so it says little of the rest.
          ...(calls > 1 ? [`${duration((manifest.steps - at) / rate)} left`] : []),
          `${scaled(pace * rowsPerStep(manifest))} rows/s`,
        ]);
      } else if (event.kind === 'checkpoint') {
        last = event.record;
        holdout = event.holdout ?? holdout;
        const enough = until !== undefined && event.record.step >= until;
        if (event.record.step < manifest.steps && (interrupt.requests > 0 || enough)) break;
      } else {
        end = event;
        last = event.records.at(-1);
      }
    }
  } finally {
    progress.stop();
    interrupt.release();
  }
  return {
    start: start!,
    end: end?.finished ? end : undefined,
    step: last?.step ?? start!.step,
    interrupted: interrupt.requests > 0 && !end?.finished,
    stateRoot: last?.stateRoot,
    loss: last?.loss,
    holdout,
    steps: at - start!.step,
    trainingSteps: trainedSince(start!.step),
    seconds: (stopped - begun) / 1000,
  };
}
