/** Where artefacts are, as those say who put them there. Their words are anybody's: only what looks like a CID gets through. */
import { GensynError } from '@gensyn/ir';
import type { Result } from 'ethers';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';

const CID = /^[A-Za-z0-9]{46,128}$/;

/** A text of an event; '' where somebody has put bytes there that are none, which ethers throws at every look. */
export function textOf(args: Result, name: string): string {
  try {
    return String(args[name]);
  } catch {
    return '';
  }
}

/** CID of a task's job. Errors: N0404 no such task, N0411 its submitter has not said. */
export async function jobArtefacts(client: MarketClient, task: number): Promise<string> {
  const [found] = await events(client, client.market, 'Submitted', [task], { most: 1 });
  if (!found) throw new GensynError('N0404', `there is no task ${task} in this market`);
  return checked(textOf(found.args, 'artefacts'), `the submitter of task ${task}`);
}

/** CID of what a claim has delivered last. Errors: N0411. */
export async function claimArtefacts(client: MarketClient, claim: number): Promise<string> {
  const found = await events(client, client.market, 'Delivered', [claim], { most: 1, backwards: true });
  const last = found.at(-1);
  return checked(last && textOf(last.args, 'artefacts'), `the solver of claim ${claim}`);
}

/** Seats that were drawn for a claim; none before. */
export async function committeeOf(client: MarketClient, claim: number): Promise<readonly number[]> {
  const [found] = await events(client, client.market, 'Drawn', [claim], { most: 1, backwards: true });
  return found ? [...(found.args['seats'] as Iterable<bigint>)].map(Number) : [];
}

function checked(cid: unknown, who: string): string {
  if (typeof cid === 'string' && CID.test(cid)) return cid;
  throw new GensynError('N0411', `${who} has not said where the artefacts are`);
}
