/** Reads events in pages, for nodes that give only so many blocks or so many events at a time. */
import { GensynError } from '@gensyn/ir';
import type { BaseContract, EventLog } from 'ethers';
import type { MarketClient } from './market-client.js';

export interface MarketEvent {
  readonly name: string;
  readonly args: EventLog['args'];
  readonly block: number;
  readonly transaction: string;
  readonly index: number;
}

export interface EventRange {
  /** Block numbers, both included; from the market's first to the newest by default. */
  readonly from?: number;
  readonly to?: number;
  /** Ends with the page in which this many are found; all by default. */
  readonly most?: number;
  /** Newest pages first: for who looks for the last event. Within the answer the oldest always comes first. */
  readonly backwards?: boolean;
}

const PAGE = 50_000;
/** What nodes say when a page is too large. */
const TOO_LARGE =
  /(block|log|query|result|response|size|range).{0,40}(range|limit|large|many|exceed|more than|wide|max)|(exceed|too (many|large|wide)|limit|max).{0,60}(block|log|query|result|response|range)|query returned more than/i;

/**
 * @param contract of the client: `client.market`, `client.pinpoint`
 * @param name of the event
 * @param args its indexed arguments; null for any
 * Errors: N0410 the node does not give events, N0205.
 */
export async function events(
  client: MarketClient,
  contract: Pick<BaseContract, 'filters'>,
  name: string,
  args: readonly unknown[] = [],
  range: EventRange = {},
): Promise<readonly MarketEvent[]> {
  const base = contract as BaseContract;
  const filter = base.filters[name]!(...args);
  const first = range.from ?? (await client.since());
  const last = range.to ?? (await client.provider.getBlockNumber());
  const found: MarketEvent[] = [];
  let page = PAGE;
  for (let at = range.backwards ? last : first; range.backwards ? at >= first : at <= last;) {
    const [from, to] = range.backwards
      ? [Math.max(first, at - page + 1), at]
      : [at, Math.min(last, at + page - 1)];
    let logs: EventLog[];
    try {
      logs = (await base.queryFilter(filter, from, to)) as EventLog[];
    } catch (cause) {
      if (cause instanceof GensynError && cause.code !== 'N0205') throw cause;
      if (page > 1 && asksTooMuch(cause)) {
        page = Math.max(1, Math.floor(Math.min(page, to - from + 1) / 4));
        continue;
      }
      if (cause instanceof GensynError) throw cause;
      throw new GensynError(
        'N0410',
        `the node at ${client.url} does not give the events of blocks ${from} to ${to}`,
        {
          notes: [{ message: sayings(cause).slice(0, 200) }],
          cause,
        },
      );
    }
    const list = logs
      .filter((log) => !log.removed && log.args !== undefined)
      .map((log) => ({
        name,
        args: log.args,
        block: log.blockNumber,
        transaction: log.transactionHash,
        index: log.index,
      }));
    if (range.backwards) found.unshift(...list);
    else found.push(...list);
    if (range.most !== undefined && found.length >= range.most) break;
    at = range.backwards ? from - 1 : to + 1;
    page = Math.min(PAGE, page * 2);
  }
  return found;
}

/** Whether a node would rather be asked for fewer blocks. */
export function asksTooMuch(error: unknown): boolean {
  const said = sayings(error);
  return TOO_LARGE.test(said) || /timeout/i.test(said);
}

function sayings(error: unknown): string {
  const {
    message = '',
    error: inner,
    info,
    cause,
  } = error as {
    message?: string;
    error?: { message?: string };
    info?: { error?: { message?: string }; responseBody?: string };
    cause?: { message?: string; info?: { responseBody?: string } };
  };
  const said = [inner?.message, info?.error?.message, info?.responseBody, cause?.info?.responseBody];
  return [...said, message].filter(Boolean).join('; ');
}
