/**
 * @file What a parser owes to damaged bytes: an answer or a ConcordError, soon, without taking more
 *   memory than it may.
 */

import { getHeapStatistics } from "node:v8";
import { ConcordError } from "../../src/errors.ts";

/**
 * Processor time: others on the machine do not count. A parse of a file of a few hundred bytes
 * takes microseconds.
 */
const MAX_MILLISECONDS = 2_000;

/** Far above what a file of a few kilobytes needs, far below what a lying length asks for. */
const MAX_BYTES = 64 * 2 ** 20;

/** Memory of objects and arrays. That of the whole process takes much longer to find out. */
function heldBytes(): number {
  const { total_heap_size: objects, external_memory: arrays } = getHeapStatistics();
  return objects + arrays;
}

export interface Survival {
  readonly parsed: number;
  readonly refused: number;
}

/**
 * Runs `parse` on every input.
 *
 * @param inputs Names for messages, and bytes.
 * @returns How many parsed and how many were refused.
 * @throws {Error} naming the input at the first exception that is not a ConcordError, has an empty
 *   message, or more than one line; and at the first parse that takes too long or too much memory.
 */
export async function survives(
  inputs: Iterable<readonly [name: string, bytes: Uint8Array]>,
  parse: (bytes: Uint8Array) => unknown,
): Promise<Survival> {
  let [parsed, refused] = [0, 0];
  for (const [name, bytes] of inputs) {
    const start = process.cpuUsage();
    const before = heldBytes();
    try {
      await parse(bytes);
      parsed++;
    } catch (error) {
      if (!(error instanceof ConcordError))
        throw new Error(`${name}: threw ${String(error)}, which is not a ConcordError`, {
          cause: error,
        });
      if (error.message === "" || error.message.includes("\n"))
        throw new Error(`${name}: its message is not one line: ${JSON.stringify(error.message)}`);
      refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const milliseconds = (user + system) / 1000;
    if (milliseconds > MAX_MILLISECONDS) throw new Error(`${name}: took ${milliseconds} ms`);
    const taken = heldBytes() - before;
    if (taken > MAX_BYTES) throw new Error(`${name}: took ${taken} bytes of memory`);
  }
  return { parsed, refused };
}
