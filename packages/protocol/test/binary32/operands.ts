/** Operands for Binary32, those rounded with difficulty more often than chance would have them. */

/** Fills `into` with pairs a, b, a, b, ... of bits. `random` gives 32 random bits. */
export type Operands = (into: Uint32Array, random: () => number) => void;

/** Values at which something changes. All pairs of them are tried. */
export const EDGES: readonly number[] = [
  0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00400000, 0x007ffffe, 0x007fffff, 0x00800000, 0x00800001,
  0x00ffffff, 0x01000000, 0x01000001, 0x01800000, 0x0c000000, 0x1f800000, 0x20000000, 0x33000000, 0x33800000,
  0x33800001, 0x34000000, 0x34000001, 0x34ffffff, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f400000, 0x3f7ffffe,
  0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f800002, 0x3fb504f3, 0x3fb504f4, 0x3fbfffff, 0x3fc00000, 0x3fffffff,
  0x40000000, 0x40000001, 0x40400000, 0x4affffff, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4b800000, 0x4b800001,
  0x4c000000, 0x4effffff, 0x4f000000, 0x4f000001, 0x5f000000, 0x7e800000, 0x7effffff, 0x7f000000, 0x7f000001,
  0x7f7ffffe, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff,
];

const SIGN = 0x80000000;
const at = (bits: number): number => EDGES[bits % EDGES.length]!;

/** One value: a third of them edges or beside one, a third of few set bits, a third any bits. */
function draw(random: () => number): number {
  const r = random();
  const sign = random() & SIGN;
  const kind = r % 6;
  if (kind === 0) return (at(r >>> 8) ^ sign) >>> 0;
  if (kind === 1) return ((at(r >>> 8) + (random() % 5) - 2) ^ sign) >>> 0;
  // A power of two, or the neighbours of one.
  if (kind === 2) return ((((r >>> 8) & 0xff) << 23) + (random() % 3) - 1) >>> 0;
  // Few places, anywhere in the significand: sums and products that end in a tie.
  if (kind === 3)
    return (((((r >>> 8) & 0xff) << 23) | (((random() & 7) << ((r >>> 16) % 23)) & 0x7fffff)) ^ sign) >>> 0;
  return random() >>> 0;
}

/** `b` at an exponent about that of `a` times 2^shift. */
const withExponent = (b: number, exponent: number): number =>
  ((b & 0x807fffff) | (Math.max(0, Math.min(255, exponent)) << 23)) >>> 0;
const exponentOf = (a: number): number => (a >>> 23) & 0xff;

function pairs(second: (a: number, b: number, random: () => number) => number): Operands {
  return (into, random) => {
    for (let i = 0; i + 1 < into.length; i += 2) {
      const a = draw(random);
      into[i] = a;
      into[i + 1] = second(a, draw(random), random);
    }
  };
}

/** Half of the operands within 28 places of each other, an eighth a few units in the last place apart with opposite signs. */
const sums = pairs((a, b, random) => {
  const r = random();
  if (r % 8 === 0) return ((a ^ SIGN) + ((r >>> 8) % 9) - 4) >>> 0;
  return r % 2 === 0 ? withExponent(b, exponentOf(a) + ((r >>> 8) % 57) - 28) : b;
});

/** Half of the results about where normal numbers, subnormal ones, or all end. */
const products = pairs((a, b, random) => {
  const r = random();
  if (r % 4 === 0) return withExponent(b, 127 - exponentOf(a) - ((r >>> 8) % 28) + 1);
  return r % 4 === 1 ? withExponent(b, 381 - exponentOf(a) - ((r >>> 8) % 3)) : b;
});

const quotients = pairs((a, b, random) => {
  const r = random();
  if (r % 4 === 0) return withExponent(b, exponentOf(a) + 126 + ((r >>> 8) % 28) - 1);
  return r % 4 === 1 ? withExponent(b, exponentOf(a) - 127 - ((r >>> 8) % 3) + 1) : b;
});

/** Half of the pairs equal, opposite or neighbours. */
const close = pairs((a, b, random) => {
  const r = random();
  return r % 2 === 0 ? ((a ^ (r & SIGN)) + ((r >>> 8) % 3) - 1) >>> 0 : b;
});

/** Integers of all lengths; half of them few units from a tie. */
const integers: Operands = (into, random) => {
  for (let i = 0; i + 1 < into.length; i += 2) {
    const r = random();
    const length = r % 33;
    const top = length === 32 ? random() : random() & (2 ** length - 1);
    const tie =
      length > 25 && r & 64
        ? (top & ~(2 ** (length - 24) - 1)) + 2 ** (length - 25) + ((r >>> 8) % 3) - 1
        : top;
    into[i] = (r & 128 ? -tie : tie) >>> 0;
    into[i + 1] = random();
  }
};

/** Half of the values of a magnitude at which the integer part has some places. */
const nearIntegers: Operands = (into, random) => {
  for (let i = 0; i + 1 < into.length; i += 2) {
    const a = draw(random);
    const r = random();
    into[i] = r % 2 === 0 ? withExponent(a, 125 + ((r >>> 8) % 36)) : a;
    into[i + 1] = 0;
  }
};

export const operands = { any: pairs((_, b) => b), sums, products, quotients, close, integers, nearIntegers };

/** All pairs of edges with both signs: 122 squared. */
export function edgePairs(): Uint32Array {
  const signed = EDGES.flatMap((edge) => [edge, (edge | SIGN) >>> 0]);
  return Uint32Array.from(signed.flatMap((a) => signed.flatMap((b) => [a, b])));
}
