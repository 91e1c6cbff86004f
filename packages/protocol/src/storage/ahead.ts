/** Work on several items at the same time, with the results in order. */

/** Runs ahead of the reader by `window` items. A failure comes out in its turn; what was begun is waited for. */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  window: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const next = work(item);
      // Awaited later; until then a failure is nobody's.
      next.catch(() => undefined);
      begun.push(next);
      if (begun.length >= window) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    await Promise.allSettled(begun);
  }
}
