/** Element types of IDX and npy arrays and how their bytes become numbers. */

export interface ElementType {
  readonly name: 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f16' | 'f32' | 'f64' | 'bool';
  readonly bytes: number;
  readonly littleEndian: boolean;
}

/** binary16 to a number, IEEE-754 section 3.6. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/**
 * Reads element `i` of a packed run. 64-bit integers beyond 2^53 are rounded to the nearest double; no i32 or class column
 * holds them and f32 could not either. A bool byte other than 0 and 1 comes out as NaN, which no column accepts.
 */
export function elementReader(type: ElementType): (view: DataView, i: number) => number {
  const le = type.littleEndian;
  switch (type.name) {
    case 'u8':
      return (view, i) => view.getUint8(i);
    case 'bool':
      return (view, i) => (view.getUint8(i) <= 1 ? view.getUint8(i) : NaN);
    case 'i8':
      return (view, i) => view.getInt8(i);
    case 'u16':
      return (view, i) => view.getUint16(2 * i, le);
    case 'i16':
      return (view, i) => view.getInt16(2 * i, le);
    case 'u32':
      return (view, i) => view.getUint32(4 * i, le);
    case 'i32':
      return (view, i) => view.getInt32(4 * i, le);
    case 'u64':
      return (view, i) => Number(view.getBigUint64(8 * i, le));
    case 'i64':
      return (view, i) => Number(view.getBigInt64(8 * i, le));
    case 'f16':
      return (view, i) => half(view.getUint16(2 * i, le));
    case 'f32':
      return (view, i) => view.getFloat32(4 * i, le);
    case 'f64':
      return (view, i) => view.getFloat64(8 * i, le);
  }
}
