/** @file PW-MCC as lines of metrics.jsonl have it: of one setting, of several, or not measured. */

import { isObject } from "../base/json.ts";
import type { LogLine } from "./run-log.ts";
import type { Setting } from "./settings.ts";

/** PW-MCC of the members of one setting at a step. */
export interface LoggedPwMcc {
  /** What distinguishes these members from others; empty where all have one setting. */
  readonly setting: Setting;
  readonly mean: number;
  /** Of random dictionaries of the same shapes; undefined where the line does not say. */
  readonly null: number | undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** What a line says of PW-MCC, by setting; empty for a step at which it was not measured. */
export function pwMccOfLine(line: Omit<LogLine, "step">): LoggedPwMcc[] {
  const listed = line["pw_mcc_by_setting"];
  const all: Readonly<Record<string, unknown>>[] = [
    { mean: line["pw_mcc"], null: line["pw_mcc_null"] },
    ...(Array.isArray(listed) ? listed.filter(isObject) : []),
  ];
  return all.flatMap((one) => {
    const [mean, setting] = [number(one["mean"]), one["setting"]];
    if (mean === undefined) return [];
    return [{ setting: isObject(setting) ? setting : {}, mean, null: number(one["null"]) }];
  });
}
