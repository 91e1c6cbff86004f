/** An HTTP server with the part of IPFS's API that the store uses; it serves real blocks, except where a test has it do otherwise. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (
  request: { readonly path: string; readonly arg: string; readonly authorization: string | undefined },
  response: http.ServerResponse,
) => boolean;

export interface FakeNode {
  readonly address: string;
  /** By CID. */
  readonly blocks: Map<string, Uint8Array>;
  /** Paths with arguments, in the order asked. */
  readonly asked: string[];
  /** Asked before anything else; returns whether it has answered (or will never). */
  answer: Answer;
  close(): Promise<void>;
}

export async function fakeNode(): Promise<FakeNode> {
  const blocks = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const [path, arg] = [url.pathname.replace('/api/v0/', ''), url.searchParams.get('arg') ?? ''];
    request.resume();
    asked.push(`${path} ${arg}`);
    if (node.answer({ path, arg, authorization: request.headers.authorization }, response)) return;
    const block = blocks.get(arg);
    if (block) {
      response.end(path === 'block/stat' ? JSON.stringify({ Key: arg, Size: block.length }) : block);
      return;
    }
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Message: 'block was not found locally (offline): ipld: could not find' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const node: FakeNode = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blocks,
    asked,
    answer: () => false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return node;
}
