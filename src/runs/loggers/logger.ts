/** @file Additional logs for other programs; metrics.jsonl holds everything in them. */

import type { LogLine } from "../run-log.ts";

/** Something that receives every line of metrics.jsonl. */
export interface Logger {
  log(line: LogLine): Promise<void>;
}

/** The names that a config gives loggers. */
export const LOGGERS = ["csv", "tensorboard"] as const;
export type LoggerName = (typeof LOGGERS)[number];

/** Numbers of a line by member, and those of the whole population. */
export interface LineNumbers {
  readonly step: number;
  readonly population: ReadonlyMap<string, number>;
  readonly members: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/**
 * The finite numbers of an object: JSON has no others, so that a line is the same before it was
 * written and after.
 */
function finite(object: unknown): Map<string, number> {
  const entries = Object.entries(object ?? {});
  return new Map(
    entries.filter((e): e is [string, number] => typeof e[1] === "number" && Number.isFinite(e[1])),
  );
}

/** The numbers that a line of metrics.jsonl holds. */
export function lineNumbers({ step, members, ...rest }: LogLine): LineNumbers {
  const byMember = Object.entries(members ?? {});
  return {
    step,
    population: finite(rest),
    members: new Map(byMember.map(([name, numbers]) => [name, finite(numbers)])),
  };
}
