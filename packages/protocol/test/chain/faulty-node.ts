/** A node with faults: passes requests on to a real one, but for those that a rule spoils. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * `pass` it on; an HTTP `status` instead; `cut` the connection before, or `after` the real node has done it; never answer (`hang`); or
 * answer with this JSON-RPC error.
 */
export type Fault =
  | 'pass'
  | 'cut'
  | 'after'
  | 'hang'
  | { readonly status: number }
  | { readonly error: { code: number; message: string } };

export interface FaultyNode {
  readonly url: string;
  /** How often each method was asked for. */
  readonly asked: Map<string, number>;
  rule: (asked: Asked) => Fault;
  stop(): Promise<void>;
}

export async function faultyNode(real: string): Promise<FaultyNode> {
  const node = { asked: new Map<string, number>(), rule: (): Fault => 'pass' } as unknown as FaultyNode;
  const server = createServer((request, response) => void answer(real, node, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(node, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function answer(
  real: string,
  node: FaultyNode,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const part of request) body += String(part);
  const asked = JSON.parse(body) as Asked & { readonly id: number };
  node.asked.set(asked.method, (node.asked.get(asked.method) ?? 0) + 1);
  const fault = node.rule(asked);
  const headers = { 'content-type': 'application/json' };
  if (fault === 'hang') return;
  if (fault === 'cut') return void response.destroy();
  if (typeof fault === 'object' && 'status' in fault) {
    response.writeHead(fault.status).end('not now');
    return;
  }
  if (typeof fault === 'object') {
    response
      .writeHead(200, headers)
      .end(JSON.stringify({ jsonrpc: '2.0', id: asked.id, error: fault.error }));
    return;
  }
  const reply = await fetch(real, { method: 'POST', headers, body });
  const text = await reply.text();
  if (fault === 'after') return void response.destroy();
  response.writeHead(200, headers).end(text);
}
