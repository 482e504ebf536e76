/** @file Numbers as the page writes them. */

import { fixed, significant } from "../../src/figures/number-text.ts";

/** A cosine or another number within ±1, with two decimals and without the zero: .93, −.05, 1.00. */
export function unit(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  const sign = value < 0 && Number(text) !== 0 ? "−" : "";
  return sign + (text.startsWith("0") ? text.slice(1) : text);
}

/** A share as a percentage with as many digits as a column can align: 12 %, 1.20 %, 0.123 %. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const percent = 100 * value;
  const decimals = percent >= 9.95 || percent === 0 ? 0 : percent >= 0.995 ? 2 : 3;
  const text = percent < 0.0005 && percent > 0 ? significant(percent, 2) : fixed(percent, decimals);
  return `${text}\u202f%`;
}

/** A share of many rows, as a whole percentage: 22 %, under 1 %. */
export function percent(value: number): string {
  const whole = Math.round(100 * value);
  return whole === 0 && value > 0 ? "<\u202f1\u202f%" : `${whole}\u202f%`;
}

/** Seconds as a person says them: 48 s, 3 min, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)}\u202fs`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes}\u202fmin`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours}\u202fh` : `${hours}\u202fh ${rest}\u202fmin`;
}

/** Bytes in the unit that fits: 640 KiB, 1.4 GiB. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [size, i] = [value, 0];
  while (size >= 1024 && i < units.length - 1) {
    size /= 1024;
    i++;
  }
  return `${significant(size, 3)}\u202f${units[i]}`;
}

/** A moment of the ISO 8601 form on the reader's clock: 30 Nov 2026, 22:57. */
export function moment(iso: string | null): string {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) return "–";
  return date.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** A value of a config as text. */
export function settingText(value: unknown): string {
  if (typeof value === "number") return significant(value, 6);
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "–";
  return JSON.stringify(value);
}
