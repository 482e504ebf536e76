/** @file How many jobs this machine does at a time, and on which processors. */

/** Of the memory that is free as jobs begin, what they may take together. */
const SHARE = 0.9;

/** Jobs at a time, and what decided it. */
export interface Room {
  readonly jobs: number;
  /** What allows no more. */
  readonly by: "--jobs" | "memory" | "processors";
}

/**
 * Jobs that fit at the same time, one at least.
 *
 * @param wanted By `--jobs`; undefined: as many as there are processors.
 * @param bytes  The most memory of the largest job; undefined when nobody knows.
 */
export function roomFor(
  wanted: number | undefined,
  bytes: number | undefined,
  { memory, processors }: { readonly memory: number; readonly processors: number },
): Room {
  const most = wanted ?? Math.max(1, processors);
  const by = wanted === undefined ? "processors" : "--jobs";
  if (!bytes) return { jobs: most, by };
  const fitting = Math.max(1, Math.floor((SHARE * memory) / bytes));
  return fitting < most ? { jobs: fitting, by: "memory" } : { jobs: most, by };
}

/**
 * The processors of each place, as many for all and none twice while there are enough. Processors
 * that are left over are not used.
 */
export function placesOf(jobs: number, processors: readonly number[]): number[][] {
  const each = Math.max(1, Math.floor(processors.length / jobs));
  return Array.from({ length: jobs }, (_, place) =>
    Array.from({ length: each }, (__, i) => processors[(place * each + i) % processors.length]!),
  );
}
