/**
 * @file When a recording began. The header's date and time fields say so, with the century from the
 *   EDF+ subfield. The fraction of a second is from the first time-keeping annotation. The format
 *   has no time zone.
 */

import type { Complaints } from "./header-fields.ts";

/**
 * The header's start as ISO date and time, whole seconds.
 *
 * Two digits of a year reach from 1985 to 2084 (EDF+ specification §2.1.3.2); later the field says
 * "yy" and the year is in the recording identification. An unreadable date is a warning, not an
 * error.
 *
 * @param isoDate The date subfield of the recording identification, where there is one.
 * @returns undefined when there is no date.
 */
export function parseStartTime(
  date: string,
  time: string,
  isoDate: string | undefined,
  complaints: Complaints,
): string | undefined {
  const d = /^(\d{1,2})[./:-](\d{1,2})[./:-](\d{2}|yy)$/.exec(date);
  const t = /^(\d{1,2})[.:/-](\d{1,2})[.:/-](\d{1,2})$/.exec(time);
  if (d === null)
    complaints.warn("start date", 168, `expected dd.mm.yy but found "${date}".`, true);
  if (t === null)
    complaints.warn("start time", 176, `expected hh.mm.ss but found "${time}".`, true);
  if (d === null || t === null) return undefined;
  const [day, month, hour, minute, second] = [d[1], d[2], t[1], t[2], t[3]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const two = (n: number) => String(n).padStart(2, "0");
  const year = d[3] === "yy" ? undefined : Number(d[3]) + (Number(d[3]) >= 85 ? 1900 : 2000);
  const stated = year === undefined ? undefined : `${year}-${two(month)}-${two(day)}`;
  // 31 February passes Date.UTC by rolling over, so the round trip is compared.
  const isReal =
    stated === undefined ||
    new Date(Date.UTC(year!, month - 1, day)).toISOString().slice(0, 10) === stated;
  if (!isReal || hour > 23 || minute > 59 || second > 59) {
    complaints.warn("start date", 168, `"${date} ${time}" is not a date and time.`, true);
    return undefined;
  }
  if (isoDate !== undefined && stated !== undefined && stated.slice(2) !== isoDate.slice(2)) {
    complaints.warn("start date", 168, `${stated} differs from the recording's ${isoDate}.`, true);
  }
  const day10 = stated?.slice(2) === isoDate?.slice(2) ? isoDate : (stated ?? isoDate);
  if (day10 === undefined) {
    complaints.warn(
      "start date",
      168,
      `"${date}" needs a year in the recording identification.`,
      true,
    );
    return undefined;
  }
  return `${day10}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/**
 * Adds seconds to an ISO date and time, up to nine decimals.
 *
 * @returns The unchanged time for onset ≤ 0 and where the sum is beyond what a Date holds.
 */
export function addFraction(startTime: string | undefined, onset: number): string | undefined {
  if (startTime === undefined || onset <= 0) return startTime;
  const whole = Math.floor(onset);
  const fraction = (onset - whole)
    .toFixed(9)
    .replace(/^\d/, "")
    .replace(/\.?0+$/, "");
  const moment = new Date(`${startTime}Z`).getTime() + whole * 1000;
  // Beyond what a Date holds the header's own time is the better answer.
  if (!(Math.abs(moment) < 8.64e15)) return startTime;
  return new Date(moment).toISOString().slice(0, 19) + fraction;
}
