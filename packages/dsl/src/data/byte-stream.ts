/** Takes a few bytes at a time from a stream of chunks: for headers, before the bulk is passed on. */

export interface ByteStream {
  /** The next `n` bytes, or fewer where the stream ends. `n` must be small; it is what will be held in memory. */
  take(n: number): Promise<Buffer>;
  /** What is left, chunk by chunk. */
  rest(): AsyncGenerator<Buffer, void, undefined>;
}

export function byteStream(chunks: AsyncIterable<Buffer>): ByteStream {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  return {
    async take(n) {
      while (held.length < n) {
        const next = await iterator.next();
        if (next.done) break;
        held = Buffer.concat([held, next.value]);
      }
      const taken = held.subarray(0, n);
      held = held.subarray(taken.length);
      return taken;
    },
    async *rest() {
      try {
        if (held.length > 0) yield held;
        held = Buffer.alloc(0);
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.return?.();
      }
    },
  };
}
