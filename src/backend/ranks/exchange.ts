/**
 * @file What ranks need of a network: every rank gives bytes and gets those of all. A rank is one
 *   process of several that take the same training steps together.
 */

import { ConcordError } from "../../errors.ts";

/** One rank's connection to all others. */
export interface Exchange {
  /** Number of this rank, from 0. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly size: number;
  /**
   * Gives `mine` to every rank, and receives the bytes of all ranks in `all`, one after another in
   * the order of the ranks. Every rank makes the same calls in the same order, one at a time.
   *
   * @param lengths Bytes of each rank, [size]; the same on every rank.
   * @param timeoutMs How long other ranks may take, milliseconds.
   * @throws {LostRankError} naming a rank that has ended or did not answer in time. The exchange is
   *   of no further use then.
   */
  gather(
    mine: Uint8Array,
    all: Uint8Array,
    lengths: readonly number[],
    timeoutMs: number,
  ): Promise<void>;
  /** Ends the connections: the others take this rank for lost from here on. */
  close(): void;
}

/** Ranks have ended, or cannot be reached any more. */
export class LostRankError extends ConcordError {
  override readonly name = "LostRankError";
  /** The ranks that were lost, ascending: the first to be so, and those that ended with it. */
  readonly ranks: readonly number[];
  /** What the system said of one of them. */
  readonly reason: string;

  /** @param when What the ranks were doing: "in step 12". */
  constructor(ranks: readonly number[], reason: string, when?: string) {
    const lost = ranks.length === 1 ? `Rank ${ranks[0]} was` : `Ranks ${ranks.join(" and ")} were`;
    super("network/failed", `${lost} lost${when ? ` ${when}` : ""}: ${reason}.`, {
      hint: "Start all ranks again with --resume: they go on from the last checkpoint, and the result has the same bytes.",
    });
    this.ranks = ranks;
    this.reason = reason;
  }
}

/**
 * Gives `mine`, of any length, to every rank.
 *
 * @returns What each rank gave, by rank.
 * @throws {LostRankError} as `Exchange.gather` does.
 */
export async function gatherAny(
  exchange: Exchange,
  mine: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array[]> {
  const lengths = new Float64Array(exchange.size);
  const own = new Uint8Array(Float64Array.of(mine.length).buffer);
  const each = Array.from(lengths, () => own.length);
  await exchange.gather(own, new Uint8Array(lengths.buffer), each, timeoutMs);
  const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  await exchange.gather(mine, all, [...lengths], timeoutMs);
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return all.slice(end - length, end);
  });
}
