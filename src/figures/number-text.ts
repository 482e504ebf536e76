/** @file Numbers as people read them: a true minus, thousands apart, powers of ten raised. */

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Groups of three digits, apart by a narrow space that does not break. */
function grouped(digits: string): string {
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** 10⁻³ for −3, 1 for 0; the exponent is rounded to a whole number. */
export function powerOfTen(logarithm: number): string {
  const exponent = Math.round(logarithm);
  if (exponent === 0) return "1";
  const digits = [...String(Math.abs(exponent))].map((d) => RAISED[Number(d)]!).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/**
 * A number with a fixed count of decimals: what stands in a column; "–" when it is not a number.
 */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 1e15) return significant(value);
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const zero = Number(`${whole}.${part ?? ""}`) === 0;
  return `${value < 0 && !zero ? "−" : ""}${grouped(whole!)}${part === undefined ? "" : `.${part}`}`;
}

/**
 * A number with at most `digits` significant digits, trailing zeros dropped; 1.2×10⁻⁷ where plain
 * digits would run long.
 *
 * @returns "–" when it is not a number.
 */
export function significant(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  const [mantissa, exponent] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const power = Number(exponent);
  if (power < -4 || power > 14) return `${sign}${Number(mantissa)}×${powerOfTen(power)}`;
  const decimals = Math.max(0, digits - 1 - power);
  const rounded = Number(Math.abs(value).toPrecision(Math.max(digits, power + 1)));
  const text = rounded.toFixed(Math.min(20, decimals));
  const [whole, part] = (text.includes(".") ? text.replace(/\.?0+$/, "") : text).split(".");
  return `${sign}${grouped(whole!)}${part === undefined ? "" : `.${part}`}`;
}

/**
 * Decimals with which a column of numbers is shown: those that give its smallest value `digits`
 * significant digits, at most `most`.
 *
 * @example columnDecimals([0.0614, 0.502]) // 4
 */
export function columnDecimals(
  values: readonly (number | null | undefined)[],
  digits = 3,
  most = 6,
): number {
  const sizes = values
    .filter((v): v is number => typeof v === "number" && Number.isFinite(v) && v !== 0)
    .map(Math.abs);
  if (sizes.length === 0) return 0;
  const smallest = Math.floor(Math.log10(Math.min(...sizes)));
  const largest = Math.floor(Math.log10(Math.max(...sizes)));
  // A stray tiny value does not make the whole column long.
  const exponent = Math.max(smallest, largest - 2);
  return Math.min(most, Math.max(0, digits - 1 - exponent));
}

/** A whole number as text: 24 576. */
export function count(value: number): string {
  return fixed(value, 0);
}

/** A fraction as a percentage with three significant digits. */
export function percent(fraction: number): string {
  return `${significant(100 * fraction, 3)}\u202f%`;
}

/** `1 member`, `3 members`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
