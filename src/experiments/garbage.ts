/** @file When garbage is worth a collection: collecting costs the same for little and for much. */

/** This much stays uncollected. */
export const SMALL_GARBAGE_BYTES = 8 * 2 ** 20;

/** Told how many bytes are not needed any more; without a number they are collected at once. */
export type OnGarbage = (bytes?: number) => void;

/** Calls `collect` when all that it was told of since the last time has become worth it. */
export function garbageCollector(collect: () => void): OnGarbage {
  let left = 0;
  return (bytes = SMALL_GARBAGE_BYTES) => {
    left += bytes;
    if (left < SMALL_GARBAGE_BYTES) return;
    left = 0;
    collect();
  };
}
