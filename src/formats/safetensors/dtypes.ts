/**
 * Bits per element of every dtype of the format. https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs
 */
const bits: { readonly [dtype: string]: number } = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
};

/** Bits of one element, or undefined for a dtype the format does not have. */
export function bitsOf(dtype: string): number | undefined {
  return Object.hasOwn(bits, dtype) ? bits[dtype] : undefined;
}
