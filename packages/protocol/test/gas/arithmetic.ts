/** Gas of each operation of Binary32: the most over all pairs of values at which something changes. */
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { OPERATIONS } from '../binary32/operations.js';
import { deployHarness } from '../deploy-harness.js';
import type { Figure } from './measure.js';

/** One of each kind: zeros, subnormals, powers of two and their neighbours, integers, the ends, infinity, NaN. */
const OPERANDS = [
  0x00000000, 0x80000000, 0x00000001, 0x80400001, 0x007fffff, 0x00800000, 0x80ffffff, 0x20000001, 0x33ffffff,
  0x3f800001, 0xbf800001, 0xce800000, 0x7f7fffff, 0x7f800000, 0x7fffffff,
];

export async function arithmetic(devnet: Devnet): Promise<Figure[]> {
  const contract = await deployHarness(devnet.signer, 'Binary32Gas');
  const figures: Figure[] = [];
  for (const { name, arity, ceiling, expected } of OPERATIONS) {
    const pairs = OPERANDS.flatMap((a) => (arity === 1 ? [[a, 0]] : OPERANDS.map((b) => [a, b])));
    const costs = await Promise.all(
      pairs.map(async ([a, b]) => {
        const [used, [result]] = (await contract.getFunction(name)(a, b)) as [bigint, [bigint]];
        // What was measured is the operation.
        return Number(result) === expected(a!, b!) ? Number(used) : Infinity;
      }),
    );
    const gas = Math.max(...costs);
    const operands = pairs[costs.indexOf(gas)]!.slice(0, arity);
    figures.push({
      name,
      gas,
      ceiling,
      of: operands.map((bits) => `0x${bits.toString(16).padStart(8, '0')}`).join(' '),
    });
  }
  return figures;
}
