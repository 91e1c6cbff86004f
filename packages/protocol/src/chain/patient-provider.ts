/** A connection that asks again when a node is busy, slow or away for a moment. */
import { GensynError } from '@gensyn/ir';
import {
  JsonRpcProvider,
  type FetchRequest,
  type JsonRpcApiProviderOptions,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
  type Networkish,
} from 'ethers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds before each further try. */
const PAUSES = [100, 300, 900, 2700];
/** Reading may be repeated, and so may the same signed transaction: it counts once. What steers a test chain may not. */
const REPEATABLE = /^(eth|net|web3)_/;
/** JSON-RPC errors that are about the node, not about the question: limits of requests, internal time-outs. */
const BUSY = new Set([-32005, -32016, 429]);

export class PatientProvider extends JsonRpcProvider {
  constructor(
    url: FetchRequest,
    network: Networkish,
    options: JsonRpcApiProviderOptions,
    private readonly pauses: readonly number[] = PAUSES,
  ) {
    super(url, network, options);
  }

  /** Errors: N0205 where the node does not answer, try as one may. */
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const all = Array.isArray(payload) ? payload : [payload];
    const pauses = all.every(({ method }) => REPEATABLE.test(method)) ? this.pauses : [];
    for (let tries = 0; ; tries++) {
      let failure: unknown;
      try {
        const answers = await super._send(payload);
        const busy = (answers as (JsonRpcResult | JsonRpcError)[]).find(
          (answer) => 'error' in answer && BUSY.has(answer.error.code),
        );
        if (!busy || tries >= pauses.length) return answers;
      } catch (cause) {
        failure = cause;
      }
      if (failure !== undefined && (tries >= pauses.length || this.destroyed)) throw this.silence(failure);
      await sleep(pauses[tries]! * (0.75 + Math.random() / 2));
    }
  }

  private silence(cause: unknown): GensynError {
    const url = this._getConnection().url;
    const { code, info } = cause as { code?: string; info?: { responseStatus?: string } };
    const said = info?.responseStatus ?? (code === 'TIMEOUT' ? 'no answer in time' : code);
    return new GensynError('N0205', `the node at ${url} does not answer${said ? ` (${said})` : ''}`, {
      help: 'is it running, and does it take this many requests? What was sent is not lost: doing the same again goes on where it stopped',
      cause,
    });
  }
}
