/** Gas of an answer to a demand: the largest piece there is, deep in a large state of many entries, after the last of many records. */
import { rootsOf, type State } from '@gensyn/ir';
import { hexlify } from 'ethers';
import { artifacts } from '@gensyn/contracts';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deployCode } from '../../src/deploy/deploy.js';
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { answerOf, nodeTree, PIECE, shownState, type Place } from '../../src/pinpoint/index.js';
import { deployHarness } from '../deploy-harness.js';
import type { Figure } from './measure.js';

const ENTRIES = 200;
const RECORDS = 64;
const ELEMENTS = 2 ** 20;
/** About a tenth above what was measured. */
const CEILINGS = { piece: 356_000, nothing: 58_000 } as const;

export async function demandGas(devnet: Devnet): Promise<Figure[]> {
  const { signer } = devnet;
  const referee = await deployHarness(signer, 'CountingReferee', [1, 1]);
  const { address } = await deployCode(signer, artifacts.Pinpoint, [await referee.getAddress()]);
  const pinpoint = contractAt('Pinpoint', address, signer);
  const small = Float32Array.of(1);
  // No two bytes are alike: zeros are cheaper.
  const large = Float32Array.from({ length: ELEMENTS }, (_, i) => Math.sin(i));
  const state: State = new Map(
    Array.from({ length: ENTRIES }, (_, i) => {
      const data = i === ENTRIES - 1 ? large : small;
      return [`tensor${i}`, { dtype: 'f32', shape: [1, data.length], data }] as const;
    }),
  );
  const shown = shownState(state);
  const root = Buffer.from(rootsOf(state).root, 'hex');
  const roots = Array.from({ length: RECORDS }, () => root);
  const tree = hexlify(nodeTree(roots).root);
  const me = await signer.getAddress();
  async function gasOf(entry: bigint, piece: bigint): Promise<number> {
    const place: Place = { root: tree, records: RECORDS, record: RECORDS, entry, piece };
    await (await pinpoint.openDemand(place, [me, me], 1000)).wait();
    const answer = answerOf(place, roots, shown);
    return Number((await (await pinpoint.answer(await pinpoint.games(), place, answer)).wait())!.gasUsed);
  }
  const last = BigInt((ELEMENTS * 4) / (PIECE * 32) - 1);
  const of = `${RECORDS} records, ${ENTRIES} entries, ${ELEMENTS} elements`;
  return [
    { name: 'answer, 4 KiB', gas: await gasOf(BigInt(ENTRIES - 1), last), ceiling: CEILINGS.piece, of },
    { name: 'answer, nothing', gas: await gasOf(BigInt(ENTRIES), 0n), ceiling: CEILINGS.nothing, of },
  ];
}
