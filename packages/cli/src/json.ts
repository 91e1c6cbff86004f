/** The one JSON document that a command prints with --json. */

/** Indented, ended by a line feed. Typed arrays become lists, maps objects, bigints and non-finite numbers strings. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, replace, 2)}\n`;
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  return value;
}
