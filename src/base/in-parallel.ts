/** @file A few tasks at a time, the next one starting as soon as one ends. */

/**
 * Runs `task` on every item, `atOnce` of them at a time.
 *
 * @returns The results in the order of the items, whichever ended first.
 * @throws What the first task to fail threw, when none runs any more; tasks that had not started
 *   then are left out.
 */
export async function inParallel<Item, Result>(
  atOnce: number,
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      try {
        results[at] = await task(items[at]!);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return results;
}
