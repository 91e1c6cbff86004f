/** The value in dispute: what each side stated and what the chain computed, as numbers and as bits. */
import type { DisputeRecord, ShownValue } from '@gensyn/protocol';
import { heading, line, MARGIN, px, WIDTH, type Section } from './markup.js';
import { short } from './printable.js';
import { valueWords, sidesOf } from './story.js';
import { capital } from './svg-parties.js';

const ROW = 34;
const BIT = { size: 11, pitch: 13.5, top: 3 } as const;
/** Where the sign, the exponent and the fraction of a binary32 begin. */
const FIELDS = [0, 1, 9] as const;
const GAP = 7;
const BITS_LEFT = WIDTH - MARGIN - 32 * BIT.pitch - 2 * GAP + 2;

interface Row {
  readonly name: string;
  readonly className: string;
  readonly value: ShownValue;
  readonly mark: string;
}

export function valueSection(record: DisputeRecord): Section | undefined {
  const { verdict, disputed } = record;
  if (!verdict?.values) return undefined;
  const names = sidesOf(record);
  const [a, b] = verdict.values;
  const right = verdict.right;
  const mark = (value: ShownValue): string => (!right ? '' : sameBits(value, right) ? '✔' : '✘');
  const rows: Row[] = [
    { name: capital(names[0]), className: 'defender', value: a, mark: mark(a) },
    { name: capital(names[1]), className: 'challenger', value: b, mark: mark(b) },
    ...(right ? [{ name: 'Chain', className: 'truth', value: right, mark: '' }] : []),
  ];
  // Without the chain's word the two are held against each other.
  const reference = right ?? a;
  const float = disputed.operator?.type?.startsWith('f32') ?? true;
  const digests = rows.some(({ value }) => value.value === undefined);
  const top = 40;
  const body = rows.map((row, n) => {
    const y = top + n * ROW;
    const number = [
      line(`${row.className} strong`, MARGIN, y + 13, row.name),
      line(row.mark === '✔' ? 'truth strong' : 'wrong strong', MARGIN + 88, y + 13, row.mark),
    ];
    if (digests)
      return [...number, line('ink mono', MARGIN + 116, y + 13, short(row.value.bits, 32))].join('');
    return [
      ...number,
      line('ink mono strong', MARGIN + 226, y + 13, valueWords(row.value), { anchor: 'end', most: 16 }),
      line('soft mono', MARGIN + 326, y + 13, `0x${bitsOf(row.value).toString(16).padStart(8, '0')}`, {
        anchor: 'end',
      }),
      squares(bitsOf(row.value), bitsOf(reference), float, y),
    ].join('');
  });
  const under = top + rows.length * ROW + 6;
  const legend = digests || !float ? '' : fieldNames(under);
  return {
    height: legend === '' ? under - 4 : under + 6,
    svg:
      heading(
        'The value',
        digests ? 'digests of a tensor of the state' : 'bits that differ from the right ones in red',
      ) +
      body.join('') +
      legend,
  };
}

const numberOf = ({ bits }: ShownValue): bigint => BigInt(/^0x[0-9a-f]{1,64}$/i.test(bits) ? bits : '0x0');
const bitsOf = (value: ShownValue): number => Number(BigInt.asUintN(32, numberOf(value)));
const sameBits = (a: ShownValue, b: ShownValue): boolean => numberOf(a) === numberOf(b);

const left = (bit: number, float: boolean): number =>
  BITS_LEFT + bit * BIT.pitch + (float ? (bit >= FIELDS[2] ? 2 : bit >= FIELDS[1] ? 1 : 0) * GAP : 0);

function squares(bits: number, reference: number, float: boolean, y: number): string {
  return Array.from({ length: 32 }, (_, i) => {
    const at = 31 - i;
    const one = (bits >>> at) & 1;
    const other = one !== ((reference >>> at) & 1);
    return `<rect class="bit ${one ? 'one' : 'zero'}${other ? '-x' : ''}" x="${px(left(i, float))}" y="${px(y + BIT.top)}" width="${BIT.size}" height="${BIT.size}" rx="2"/>`;
  }).join('');
}

function fieldNames(y: number): string {
  return [
    line('tiny', left(0, true) + BIT.size / 2, y, '±', { anchor: 'middle' }),
    line('tiny', left(FIELDS[1], true), y, 'exponent'),
    line('tiny', left(FIELDS[2], true), y, 'fraction'),
  ].join('');
}
