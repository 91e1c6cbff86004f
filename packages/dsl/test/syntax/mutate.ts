/** Damages real jobs in the ways that typing, cutting and merging do; the same seed damages in the same way. */

export type Random = () => number;

/** mulberry32: a small generator with one word of state, good enough to choose where to damage. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TOKEN = /\s+|\/\/[^\n]*|"[^"\n]*"|[A-Za-z_]\w*|[\d.]+\w*%?|->|\.\.|[^\s\w]/g;

/** Text that tends to matter: brackets, words, extremes, letters from far away. */
const scraps = [
  '{', '}', '(', ')', '[', ']', '=', ',', ';', '\n', '..', '.', '->', ':', '-', '+', '*', '/', '"', '%', '//', '\r', '\t', '\0',
  'let ', 'fn f(x) { f(x) }\n', 'model ', 'data ', 'train {', 'repeat 1000 {', 'repeat 1e9 { }', 'import "a.gml"\n', 'import "layers.gml"\n',
  'param ', 'verify {', 'market {', ' as i ', 'columns 0..63', 'chars 0 of line', 'class[3][2]', 'f32[n, n]', 'x', 'h', 'n', 'model',
  '0', '-1', '1e308', '1e999', '1e-400', '2147483647', '9007199254740993', '.5', '0.1.2', '3x', '20%', '2h', '0/0', '"\\q"', 'true',
  '\u{1f600}', '\ud800', 'é', '\u2028', '\u202e', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'relu(', 'linear(', 'reshape(',
]; // prettier-ignore

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const place = (random: Random, length: number): number => Math.floor(random() * (length + 1));

function onBytes(text: string, random: Random): string {
  const at = place(random, text.length - 1);
  const kind = random();
  const code = kind < 0.4 ? Math.floor(random() * 128) : Math.floor(random() * 0x10000);
  if (kind < 0.7) return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  if (kind < 0.85) return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 4));
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at);
}

function onTokens(text: string, random: Random): string {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.length === 0) return text;
  const at = Math.floor(random() * tokens.length);
  const other = Math.floor(random() * tokens.length);
  const kind = random();
  if (kind < 0.25) tokens.splice(at, 1);
  else if (kind < 0.45) tokens.splice(at, 0, tokens[other]!);
  else if (kind < 0.65) tokens[at] = tokens[other]!;
  else if (kind < 0.8) [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
  else if (kind < 0.9) tokens[at] = pick(random, scraps);
  else {
    // One token many times over: deep nesting, long chains.
    const times = Math.floor(2 ** (random() * 10));
    tokens.splice(at, 0, ...Array.from({ length: times }, () => tokens[at]!));
  }
  return tokens.join('');
}

/** A name for a name, a number for a number: the syntax stays right, the meaning does not. */
function onWords(text: string, random: Random): string {
  const tokens = text.match(TOKEN) ?? [];
  const isName = (token: string) => /^[a-z_]\w*$/i.test(token);
  const isNumber = (token: string) => /^[\d.]+\w*%?$/.test(token) && token !== '..' && token !== '.';
  const [of, numbers] = random() < 0.5 ? [isName, false] : [isNumber, true];
  const places = tokens.flatMap((token, index) => (of(token) ? [index] : []));
  if (places.length === 0) return text;
  const extremes = ['0', '1', '7', '0.5', '1e9', '2147483648', '1e-300', '1e300', '64', '10', '20%', '2h'];
  tokens[pick(random, places)] =
    numbers && random() < 0.6 ? pick(random, extremes) : tokens[pick(random, places)]!;
  return tokens.join('');
}

function onLines(text: string, other: string, random: Random): string {
  const lines = text.split('\n');
  const from = Math.floor(random() * lines.length);
  const kind = random();
  if (kind < 0.3) lines.splice(from, 1 + Math.floor(random() * 3));
  else if (kind < 0.6) lines.splice(from, 0, ...lines.slice(from, from + 1 + Math.floor(random() * 4)));
  else
    lines.splice(
      from,
      0,
      ...other
        .split('\n')
        .slice(...[random(), random()].map((each) => Math.floor(each * 20)).sort((a, b) => a - b)),
    );
  return lines.join('\n');
}

/** One of `jobs`, damaged one to four times. */
export function mutate(jobs: readonly string[], random: Random): string {
  let text = pick(random, jobs);
  const rounds = 1 + Math.floor(random() * 4);
  for (let round = 0; round < rounds; round++) {
    const kind = random();
    if (kind < 0.3) text = onWords(text, random);
    else if (kind < 0.45) text = onBytes(text, random);
    else if (kind < 0.65) text = onTokens(text, random);
    else if (kind < 0.75) {
      const at = place(random, text.length);
      text = text.slice(0, at) + pick(random, scraps) + text.slice(at);
    } else if (kind < 0.85) text = onLines(text, pick(random, jobs), random);
    else if (kind < 0.93)
      text =
        random() < 0.7 ? text.slice(0, place(random, text.length)) : text.slice(place(random, text.length));
    else {
      const other = pick(random, jobs);
      text = text.slice(0, place(random, text.length)) + other.slice(place(random, other.length));
    }
  }
  return text;
}
