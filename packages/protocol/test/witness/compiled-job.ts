/** A job compiled for a test, with the states of an honest run at the ends of its intervals. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compileJob } from '@gensyn/dsl';
import { initialState, listRoot, type State } from '@gensyn/ir';
import { loadJob, makeMachine, openCpu, type Job, type Machine } from '@gensyn/runtime';
import { nodeTree } from '../../src/pinpoint/index.js';
import { stateDigests } from '../../src/referee/index.js';
import { faulty, jobWitness, type Fault, type JobWitness, type Liar } from '../../src/witness/index.js';

export interface CompiledJob {
  readonly folder: string;
  readonly job: Job;
  readonly machine: Machine;
  /** By the number of steps done. */
  readonly states: ReadonlyMap<number, State>;
  readonly honest: JobWitness;
  close(): Promise<void>;
}

/** @param source path of the job.gml @param change of the machine @param set parameters of the job */
export async function compiledJob(
  source: string,
  change: (machine: Machine) => Machine = (machine) => machine,
  set: Readonly<Record<string, string>> = {},
): Promise<CompiledJob> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-witness-'));
  await compileJob({ job: source, out: folder, set });
  const job = await loadJob(folder);
  const machine = change(makeMachine(job, await openCpu({ threads: 1 })));
  const { steps, checkpointEvery } = job.manifest;
  const states = new Map([[0, initialState(job.manifest)]]);
  for (let at = 0; at < steps;) {
    const to = Math.min(at + checkpointEvery, steps);
    states.set(to, await machine.advance(states.get(at)!, at, to));
    at = to;
  }
  const roots = rootsOf(states);
  const honest = jobWitness({
    folder,
    job,
    machine,
    states: { at: async (step) => states.get(step)! },
    from: 0,
    steps,
    roots,
  });
  return {
    folder,
    job,
    machine,
    states,
    honest,
    async close() {
      await machine.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** State roots after each interval. */
export function rootsOf(states: ReadonlyMap<number, State>): Uint8Array[] {
  const ends = [...states.keys()].filter((step) => step > 0).sort((a, b) => a - b);
  return ends.map((end) => listRoot(stateDigests(states.get(end)!)));
}

export interface LyingWitness {
  readonly liar: Liar;
  readonly witness: JobWitness;
  /** Of the interval of the fault: its first step, the number of its steps. */
  readonly start: number;
  readonly steps: number;
}

/** Somebody who trains with a fault. Records after the interval of the fault are not trained but taken from the honest run. */
export function lyingWitness(compiled: CompiledJob, fault: Fault): LyingWitness {
  const { folder, job, machine, states } = compiled;
  const { steps, checkpointEvery } = job.manifest;
  const liar = faulty(machine, job, fault);
  const start = fault.step - (fault.step % checkpointEvery);
  const count = Math.min(checkpointEvery, steps - start);
  const witness = jobWitness({
    folder,
    job,
    machine: liar.machine,
    lies: liar.lies,
    states: { at: async (step) => states.get(step)! },
    from: 0,
    steps,
  });
  return {
    liar,
    start,
    steps: count,
    witness: {
      ...witness,
      async run() {
        const roots = rootsOf(states);
        roots[start / checkpointEvery] = (await witness.segment(start, count)).states.at(-1)!;
        return nodeTree(roots);
      },
    },
  };
}

/** A machine that remembers the values of the states and steps that it was asked for. */
export function remembering(machine: Machine): Machine {
  const known = new Map<string, ReturnType<Machine['values']>>();
  return {
    ...machine,
    values(state, step) {
      const key = `${step} ${Buffer.from(listRoot(stateDigests(state))).toString('hex')}`;
      let values = known.get(key);
      if (!values) known.set(key, (values = machine.values(state, step)));
      return values;
    },
  };
}
