/** The padding that ONNX's convolutions and poolings ask for. */
import { list, refuse, text, type Operation } from './operation.js';

/** Places before each axis, then after each. */
export function padsOf(
  o: Operation,
  lengths: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const mode = text(o, 'auto_pad', 'NOTSET');
  const zeros = kernel.map(() => 0);
  if (mode === 'VALID') return [...zeros, ...zeros];
  if (mode === 'NOTSET') {
    const pads = list(o, 'pads') ?? [...zeros, ...zeros];
    if (pads.length !== 2 * lengths.length || pads.some((n) => n < 0))
      refuse('its pads do not fit the input');
    return pads;
  }
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') refuse(`its auto_pad '${mode}' is not known`);
  const whole = lengths.map((length, d) => {
    const places = Math.ceil(length / strides[d]!);
    return Math.max(0, (places - 1) * strides[d]! + dilations[d]! * (kernel[d]! - 1) + 1 - length);
  });
  const less = whole.map((n) => Math.floor(n / 2));
  const more = whole.map((n, d) => n - less[d]!);
  return mode === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
}
