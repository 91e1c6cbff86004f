/** What a device's onnxruntime offers beyond the canonical operators. */

export interface Target {
  /** Products of bytes with i32 sums that are exact (com.microsoft MatMulIntegerToFloat), and QuantizeLinear to bytes. */
  readonly integerProducts: boolean;
}

/** Every device: the canonical graph as it is. */
export const PLAIN_TARGET: Target = { integerProducts: false };
export const INTEGER_TARGET: Target = { integerProducts: true };
