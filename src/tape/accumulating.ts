/** @file Arguments of kernels that write a gradient: they replace what is there, or add to it. */

/**
 * Gives the arguments with `accumulate` set, by whether to accumulate. Both are made here, once:
 * objects that a step makes would be left for the garbage collector.
 */
export function accumulating<T extends object>(
  args: T,
): (accumulate: boolean) => T & { readonly accumulate: boolean } {
  const replacing = { ...args, accumulate: false };
  const adding = { ...args, accumulate: true };
  return (accumulate) => (accumulate ? adding : replacing);
}
