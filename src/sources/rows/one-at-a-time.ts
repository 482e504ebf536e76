/**
 * @file A queue for tasks that share a buffer: overlapping calls run one after the other, in call
 *   order.
 */

/** Runs a task after every earlier one has ended, successfully or not. */
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
