/** ipfs-http-client, loaded when first needed, with an end put to what a node may answer. */
import { MAX_BLOCK } from './blocks.js';

/** What the adapter uses of the client. CIDs are handed over as text: the client has an older class for them. */
export interface IpfsClient {
  readonly block: {
    get(cid: { toString(): string }, options: RequestOptions): Promise<Uint8Array>;
    stat(cid: { toString(): string }, options: RequestOptions & { offline: boolean }): Promise<unknown>;
  };
  readonly dag: {
    import(
      car: Iterable<Uint8Array>,
      options: RequestOptions & { pinRoots: boolean },
    ): AsyncIterable<{ root: { cid: { toString(): string }; pinErrorMsg?: string } }>;
  };
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which the node itself gives up. */
  readonly timeout?: number;
}

export class TooLong extends Error {}

type Create = (options: { url: string; headers: Record<string, string> }) => unknown;
let create: Promise<Create> | undefined;

/** A client for the API at an address such as http://127.0.0.1:5001, also http://name:password@host. `name` is for people, without these. */
export async function ipfsClient(address: string): Promise<{ name: string; client: IpfsClient }> {
  create ??= load();
  const url = new URL(address);
  const secret = [url.username, url.password].map(decodeURIComponent).join(':');
  url.username = '';
  url.password = '';
  const name = url.href.replace(/\/$/, '');
  const headers: Record<string, string> =
    secret === ':' ? {} : { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
  return { name, client: (await create)({ url: name, headers }) as IpfsClient };
}

/**
 * The client takes hold of `fetch` once, when it is loaded, and keeps answers in memory whole. So it gets one that stops where no honest
 * answer to our questions goes on, and that is not led elsewhere.
 */
async function load(): Promise<Create> {
  const unbounded = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await unbounded(input, { ...init, redirect: 'error' });
    return response.body ? bounded(response, response.body) : response;
  };
  try {
    return (await import('ipfs-http-client')).create as unknown as Create;
  } finally {
    globalThis.fetch = unbounded;
  }
}

function bounded(response: Response, body: ReadableStream<Uint8Array>): Response {
  let left = MAX_BLOCK;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      left -= piece.length;
      if (left < 0) controller.error(new TooLong());
      else controller.enqueue(piece);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body.pipeThrough(counter), { status, statusText, headers });
}
