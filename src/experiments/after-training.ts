/**
 * @file What follows the last step: the saved SAEs are evaluated until a signal, and what was found
 *   is written.
 */

import { setImmediate } from "node:timers/promises";
import { ConcordError } from "../errors.ts";
import type { JudgedMember } from "../runs/result-warnings.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { firstLogLine, type LogLine, lastLogLine } from "../runs/run-log.ts";
import type { RowReader } from "../sources/source.ts";

/** Lets the process hear signals. @throws {ConcordError} "interrupted" after the run's. */
export async function pauseFor(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (!signal?.aborted) return;
  throw new ConcordError("interrupted", "Interrupted while evaluating, after the last step.", {
    hint: "Everything so far is in a checkpoint: run the same command with --resume.",
  });
}

/** Held-out rows until the signal: reading them is most of what evaluating does. */
export function abortable(reader: RowReader, pause: () => Promise<void>): RowReader {
  return {
    rows: reader.rows,
    ...(reader.hasTargets === undefined ? {} : { hasTargets: reader.hasTargets }),
    async read(start, out, targets) {
      await pause();
      await reader.read(start, out, targets);
    },
  };
}

/** FVU of the first and the last logged training batch, by member. */
export async function trainingFvus(
  folder: RunFolder,
): Promise<Map<string, JudgedMember["trainingFvu"]>> {
  const fvuOf = (line: LogLine | undefined, name: string): number | undefined => {
    const members = line?.["members"] as Record<string, { fvu?: number | null }> | undefined;
    return members?.[name]?.fvu ?? undefined;
  };
  const [first, last] = [
    await firstLogLine(folder, "metrics.jsonl"),
    await lastLogLine(folder, "metrics.jsonl"),
  ];
  const names = Object.keys((last?.["members"] ?? {}) as object);
  return new Map(names.map((name) => [name, [fvuOf(first, name), fvuOf(last, name)] as const]));
}
