/**
 * @file A queue for work that shares a buffer: overlapping calls run one after the other, in the
 *   order they were made.
 */

/** Runs a task once every earlier one has ended, well or badly. */
export type OneAtATime = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Makes an empty queue. A task that queues another one on the same queue and awaits it never ends.
 */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
