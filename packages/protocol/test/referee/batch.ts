/** Many questions in one call of a contract that only tests deploy. */
import { elements } from '@gensyn/ir';
import type { Contract } from 'ethers';
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { bitsOfValue } from '../../src/referee/ask-referee.js';
import { partialResults } from '../../src/referee/partials.js';
import { buildQuery, MAX_TERMS, termsOf, type Query } from '../../src/referee/query.js';
import type { CommittedStep } from '../../src/referee/step.js';
import { deploy } from '../../src/deploy/deploy.js';
import { deployHarness } from '../deploy-harness.js';

/** Gas of a call: enough for what one call asks. */
export const BATCH_GAS = 2_000_000_000;
const QUERIES_PER_CALL = 400;

export interface Answer {
  readonly bits: number;
  /** What the check takes, without what its arguments do in a transaction. */
  readonly gas: number;
}

export interface RefereeBatch {
  readonly contract: Contract;
  ask(queries: readonly Query[]): Promise<Answer[]>;
}

export async function refereeBatch({ signer }: Devnet): Promise<RefereeBatch> {
  const { address } = await deploy(signer, 'Referee');
  const contract = await deployHarness(signer, 'RefereeBatch', [address]);
  return {
    contract,
    async ask(queries) {
      const answers: Answer[] = [];
      for (let from = 0; from < queries.length; from += QUERIES_PER_CALL) {
        const values: bigint[] = await contract['checkMany']!.staticCall(
          queries.slice(from, from + QUERIES_PER_CALL),
          { gasLimit: BATCH_GAS },
        );
        answers.push(
          ...values.map((value) => ({ bits: Number(value >> 32n), gas: Number(value & 0xffff_ffffn) })),
        );
      }
      return answers;
    },
  };
}

export interface Asked {
  readonly query: Query;
  readonly expected: number;
}

/** Every element of a node; of long reductions, every partial result of the elements. */
export function allElements(step: CommittedStep, node: number): Asked[] {
  const { type } = step.job.graph.nodes[node]!;
  const terms = termsOf(step, step.job.graph.nodes[node]!);
  return Array.from({ length: elements(type.shape) }, (_, element) => element).flatMap((element): Asked[] => {
    const expected = bitsOfValue(type.dtype, step.values[node]!.data[element]!);
    if (terms <= MAX_TERMS) return [{ query: buildQuery(step, node, element), expected }];
    return allTerms(step, node, element);
  });
}

/** Every partial result of an element of a reduction. */
export function allTerms(step: CommittedStep, node: number, element: number): Asked[] {
  return [...partialResults(step, node, element)].map((value, term) => ({
    query: buildQuery(step, node, element, term),
    expected: bitsOfValue('f32', value),
  }));
}

export interface Tally {
  readonly checked: number;
  readonly mismatches: readonly string[];
  readonly answers: readonly Answer[];
}

export async function compareAll(batch: RefereeBatch, asked: readonly Asked[]): Promise<Tally> {
  const answers = await batch.ask(asked.map(({ query }) => query));
  const mismatches = asked.flatMap(({ query, expected }, i) =>
    answers[i]!.bits === expected
      ? []
      : [
          `node ${query.node} element ${query.element} term ${query.term}: ${answers[i]!.bits.toString(16)}, not ${expected.toString(16)}`,
        ],
  );
  return { checked: asked.length, mismatches, answers };
}
