/**
 * @file Half-precision numbers as 16-bit integers. Node 20 has no `Float16Array`, so `float16` and
 *   `bfloat16` arrays are `Uint16Array`s and these functions convert, rounding to nearest, ties to
 *   even.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** float32 → bfloat16 bits. NaN stays NaN. */
export function toBfloat16(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) | 0x40) & 0xffff;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** bfloat16 bits → float32, exactly. */
export function fromBfloat16(bits: number): number {
  scratchBits[0] = (bits << 16) >>> 0;
  return scratch[0]!;
}

/**
 * float32 → IEEE float16 bits. Values above 65504 (after rounding) become infinity; subnormals are
 * kept.
 */
export function toFloat16(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal in half precision: round |value| / 2^-24 to an integer, ties to even.
    scratchBits[0] = magnitude;
    const scaled = scratch[0]! * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
    return sign | (floor + (up ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** IEEE float16 bits → float32, exactly. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
