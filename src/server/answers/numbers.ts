/** @file Numbers made fit for JSON. */

/** The number; null for one that is missing or not finite, which JSON cannot say. */
export function finite(value: number | null | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/**
 * Values with six significant digits: those of a float32 widened to JSON's float64 have seventeen,
 * most of them noise.
 */
export function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => {
    if (value === 0 || !Number.isFinite(value)) return value;
    const digits = 5 - Math.floor(Math.log10(Math.abs(value)));
    // Powers of ten are exact up to 10²².
    if (Math.abs(digits) > 22) return Number(value.toPrecision(6));
    const scale = 10 ** Math.abs(digits);
    return digits >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale;
  });
}
