/**
 * @file Digital samples of EDF (16-bit) and BDF (24-bit), two's complement, little endian, and
 *   their calibration to physical units.
 */

/** How digital values of one signal become physical ones. */
export interface Calibration {
  /** Physical value of the digital value `digMin`. */
  readonly physMin: number;
  /** Physical value of the digital value `digMax`. */
  readonly physMax: number;
  readonly digMin: number;
  /** Usually above `digMin`; the specification forbids the reverse, which some recorders write. */
  readonly digMax: number;
}

/** Bytes of one sample: 2 in EDF, 3 in BDF. */
export type SampleBytes = 2 | 3;

/**
 * Physical units per digital step.
 *
 *   gain = (physMax − physMin) / (digMax − digMin)
 *
 * Negative when one of the two ranges runs from high to low: physMin > physMax, which the
 * specification allows for inverted signals, or digMin > digMax.
 */
export function gainOf(calibration: Calibration): number {
  return (calibration.physMax - calibration.physMin) / (calibration.digMax - calibration.digMin);
}

/** The digital value of the sample at byte `at`. */
export function sampleAt(bytes: Uint8Array, at: number, width: SampleBytes): number {
  return width === 2
    ? ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16
    : ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) << 8) >> 8;
}

/**
 * Decodes `count` samples that start at byte `at`, as stored.
 *
 * @param out Written from `outStart` on.
 */
export function decodeDigital(
  bytes: Uint8Array,
  at: number,
  width: SampleBytes,
  out: Int32Array | Float64Array,
  outStart: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[outStart + i] = sampleAt(bytes, at + i * width, width);
}

/**
 * Decodes `count` samples that start at byte `at`, to physical units.
 *
 *   physical = physMin + (digital − digMin) · gain        (float64)
 *
 * Values outside [digMin, digMax] are calibrated like all others, not clipped.
 */
export function decodePhysical(
  bytes: Uint8Array,
  at: number,
  width: SampleBytes,
  calibration: Calibration,
  out: Float64Array,
  outStart: number,
  count: number,
): void {
  const gain = gainOf(calibration);
  const { physMin, digMin } = calibration;
  for (let i = 0; i < count; i++) {
    out[outStart + i] = physMin + (sampleAt(bytes, at + i * width, width) - digMin) * gain;
  }
}

/** Writes one digital value; the caller has checked its range. */
export function encodeSample(bytes: Uint8Array, at: number, width: SampleBytes, v: number): void {
  bytes[at] = v & 0xff;
  bytes[at + 1] = (v >> 8) & 0xff;
  if (width === 3) bytes[at + 2] = (v >> 16) & 0xff;
}

/** The smallest and largest digital value that `width` bytes hold. */
export function digitalRange(width: SampleBytes): readonly [number, number] {
  return width === 2 ? [-32768, 32767] : [-8388608, 8388607];
}
