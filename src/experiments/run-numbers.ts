/** @file What a run's record says of memory, disk and time: as planned, and as they came to. */

import type { Backend } from "../backend/backend.ts";
import type { Config } from "../config/schema.ts";
import type { RunAttempt, RunRecord } from "../runs/run-folder.ts";
import type { Source } from "../sources/source.ts";
import { factsOf } from "../sources/source-kind.ts";
import { planSpace } from "./plan.ts";

/**
 * Time spent in steps by all attempts that lived to record it, and the speed of the last one that
 * took a step.
 */
export function measuredTraining(
  record: RunRecord,
  attempt: RunAttempt,
  batch: number,
): Record<string, number> {
  const steps = (attempt.toStep ?? attempt.fromStep) - attempt.fromStep;
  const own = attempt.trainingSeconds ?? 0;
  const before = record.attempts.reduce((sum, a) => sum + (a.trainingSeconds ?? 0), 0);
  const speed = own > 0 ? (steps * batch) / own : record.measured?.["activations_per_second"];
  return {
    training_seconds: before + own,
    ...(speed === undefined ? {} : { activations_per_second: speed }),
  };
}

/** What `concord plan` says of memory and disk, as the record keeps it. */
export async function plannedSpace(
  backend: Backend,
  config: Config,
  source: Source,
  baseBytes: number,
): Promise<Record<string, number>> {
  const { memory, disk } = await planSpace(backend, config, factsOf(source), baseBytes);
  return {
    peak_memory_bytes: Math.round(memory.bytes),
    most_memory_bytes: Math.round(memory.mostBytes),
    disk_bytes: disk.bytes,
  };
}

/** What to say of a plan that this machine has no memory for. */
export function memoryWarnings(
  planned: Readonly<Record<string, number>> | undefined,
  baseBytes = 0,
  availableBytes = Number.POSITIVE_INFINITY,
): string[] {
  const needed = (planned?.["peak_memory_bytes"] ?? 0) - baseBytes;
  if (needed <= availableBytes) return [];
  const [more, left] = [needed, availableBytes].map((b) => `${Math.round(b / 2 ** 20)} MiB`);
  return [
    `This run takes about ${more} of memory and ${left} are available: it may be killed. Fewer members, a smaller d_sae or batch need less.`,
  ];
}
