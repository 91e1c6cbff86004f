/** What a witness says of a run: the same by whichever way it is asked, and only of the registered job. */
import { GensynError, listRoot, rootsOf, type Manifest } from '@gensyn/ir';
import { expect } from 'chai';
import { hexlify } from 'ethers';
import { stateDigests } from '../../src/referee/index.js';
import {
  attestationOf,
  chainJob,
  chainJobRoot,
  checkRegistered,
  FAULT_KINDS,
  faulty,
  graphEntries,
  jobWitness,
  randomFault,
  type RegisteredTask,
} from '../../src/witness/index.js';
import { codeOf } from '../code-of.js';
import { compiledJob, lyingWitness, remembering, type CompiledJob } from './compiled-job.js';
import { writeSmallJob } from './small-jobs.js';

describe('a witness', () => {
  let compiled: CompiledJob;
  let remove: () => void;
  before(async function () {
    this.timeout(60_000);
    const small = writeSmallJob('plain');
    ({ remove } = small);
    compiled = await compiledJob(small.source, remembering);
  });
  after(async () => {
    await compiled?.close();
    remove?.();
  });

  const rootAt = (step: number): string => hexlify(listRoot(stateDigests(compiled.states.get(step)!)));

  it('says the same of an interval by its steps, by its records and by an attestation', async () => {
    const { honest, job, machine, states } = compiled;
    // The last interval has one step.
    for (const [from, steps] of [
      [0, 2],
      [2, 2],
      [4, 1],
    ] as const) {
      const segment = await honest.segment(from, steps);
      const attested = await attestationOf(machine, job, states.get(from)!, from, steps);
      expect(hexlify(attested.trace)).to.equal(hexlify(segment.traces.at(-1)!));
      expect(hexlify(attested.state)).to.equal(rootAt(from + steps));
      expect(hexlify(segment.states.at(-1)!)).to.equal(rootAt(from + steps));
      const operators = await honest.operators(from + steps - 1);
      expect(hexlify(operators.entry(job.step.nodes.length))).to.equal(rootAt(from + steps));
    }
    expect((await honest.run()).entry(2)).to.deep.equal((await honest.segment(4, 1)).states[0]);
  });

  it('trains the records that nobody gives it, also from a later step on', async () => {
    const { folder, job, machine, states } = compiled;
    const at = async (step: number) => states.get(step)!;
    const witness = jobWitness({ folder, job, machine, states: { at }, from: 2, steps: 3 });
    const run = await witness.run();
    expect([0, 1].map((i) => hexlify(run.entry(i)))).to.deep.equal([rootAt(4), rootAt(5)]);
    expect(await codeOf(() => witness.operators(1))).to.equal('N0301');
    expect(await codeOf(() => witness.operators(5))).to.equal('N0301');
  });

  it('asks again for a state that could not be had', async () => {
    const { folder, job, machine, states } = compiled;
    let there = false;
    const at = async (step: number) => {
      if (!there) throw new GensynError('N0501', 'not there');
      return states.get(step)!;
    };
    const witness = jobWitness({ folder, job, machine, states: { at }, from: 0, steps: 5 });
    const asking = [() => witness.segment(0, 2), () => witness.run(), () => witness.tensor(3, 0)];
    for (const ask of asking) expect(await codeOf(ask)).to.equal('N0501');
    there = true;
    for (const ask of asking) expect(await codeOf(ask)).to.equal(undefined);
  });

  it('is asked only about the registered job', () => {
    const { job } = compiled;
    const chain = chainJob(job.manifest);
    const task: RegisteredTask = {
      job: chainJobRoot(chain),
      graph: chain.graph,
      entries: graphEntries(job).entries,
      interval: chain.interval,
      firstStep: 0,
      steps: chain.steps,
    };
    expect(checkRegistered(job, task)).to.deep.equal(chain);
    const code = (
      change: Partial<RegisteredTask>,
      manifest: Partial<Manifest> = {},
      init?: string,
    ): string => {
      try {
        checkRegistered({ ...job, manifest: { ...job.manifest, ...manifest } }, { ...task, ...change }, init);
        return 'none';
      } catch (error) {
        return (error as GensynError).code;
      }
    };
    const other = `0x${'12'.repeat(32)}`;
    expect(code({ job: other })).to.equal('N0302');
    expect(code({ graph: other })).to.equal('N0302');
    expect(code({ entries: task.entries + 1 })).to.equal('N0302');
    expect(code({ interval: 3 })).to.equal('N0302');
    expect(code({ steps: 4 })).to.equal('N0302');
    expect(code({}, { seed: 4 })).to.equal('N0302');
    // Seeds beyond 32 bits have a root, but no judge.
    const wide = { seed: 2 ** 32 };
    expect(code({ job: chainJobRoot({ ...chain, ...wide }) }, wide)).to.equal('N0303');
    // A task that goes on from another: the same manifest, later.
    const init = rootAt(2);
    const later = chainJob(job.manifest, { firstStep: 2, init });
    expect(later).to.include({ steps: 3, init });
    const child = { job: chainJobRoot(later), firstStep: 2, steps: 3 };
    expect(code(child, {}, init)).to.equal('none');
    expect(code(child, {}, rootAt(4))).to.equal('N0302');
  });
});

describe('a liar on purpose', () => {
  let compiled: CompiledJob;
  let remove: () => void;
  before(async function () {
    this.timeout(60_000);
    const small = writeSmallJob('plain');
    ({ remove } = small);
    compiled = await compiledJob(small.source, remembering);
  });
  after(async () => {
    await compiled?.close();
    remove?.();
  });

  const run = { from: 0, steps: 5, interval: 2 };
  for (const kind of FAULT_KINDS) {
    it(`tells one lie, and the same after a restart: ${kind}`, async () => {
      const { job, machine, states } = compiled;
      for (const seed of [1, 2, 3]) {
        const fault = randomFault(kind, run, seed);
        const { witness, liar, start, steps } = lyingWitness(compiled, fault);
        const segment = await witness.segment(start, steps);
        const honest = await compiled.honest.segment(start, steps);
        const differs = segment.states.map((root, i) => hexlify(root) !== hexlify(honest.states[i]!));
        // Right before the fault, wrong from it on.
        const first = liar.planted()!.step - start;
        expect(differs.indexOf(true)).to.equal(first);
        // A machine of its own, that goes the whole interval at once.
        const again = faulty(machine, job, fault);
        const reached = await again.machine.advance(states.get(start)!, start, start + steps);
        expect(`0x${rootsOf(reached).root}`).to.equal(hexlify(segment.states.at(-1)!));
        expect(again.planted()).to.deep.equal(liar.planted());
        if (kind === 'stale')
          expect(hexlify(segment.states.at(-1)!)).to.equal(
            hexlify(listRoot(stateDigests(states.get(start)!))),
          );
      }
    });
  }

  it('says where it cannot lie', async () => {
    const { job, machine, states } = compiled;
    const loss = job.step.outputs.find(({ role }) => role === 'loss')!.node;
    for (const operator of [loss, job.step.nodes.length]) {
      const liar = faulty(machine, job, { kind: 'operator', step: 0, steps: 1, seed: 1, operator });
      expect(await codeOf(() => liar.machine.advance(states.get(0)!, 0, 1))).to.equal('N0304');
    }
  });
});
