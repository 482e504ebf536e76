/** @file Ranks of one process that exchange bytes in memory, in place of a network. */

import { type Exchange, LostRankError } from "../../src/backend/ranks/exchange.ts";

/** A rank that waits for the others. */
interface Waiting {
  readonly mine: Uint8Array;
  readonly settle: (found: ReadonlyMap<number, Uint8Array>) => void;
  readonly fail: (error: Error) => void;
}

/** Exchanges of `size` ranks, by rank, and how many bytes all of them gave so far. */
export function inProcessExchanges(size: number): { ranks: Exchange[]; bytes: () => number } {
  let bytes = 0;
  let lost: LostRankError | undefined;
  const waiting = new Map<number, Waiting>();
  const give = (rank: number, mine: Uint8Array) =>
    new Promise<ReadonlyMap<number, Uint8Array>>((settle, fail) => {
      if (lost) return fail(lost);
      if (waiting.has(rank)) return fail(new Error(`Rank ${rank} gathers twice at once.`));
      bytes += mine.length;
      waiting.set(rank, { mine, settle, fail });
      if (waiting.size < size) return;
      const all = [...waiting];
      const found = new Map(all.map(([other, { mine }]) => [other, mine.slice()]));
      waiting.clear();
      for (const [, one] of all) one.settle(found);
    });
  const ranks = Array.from({ length: size }, (_, rank): Exchange => {
    return {
      rank,
      size,
      async gather(mine, all, lengths) {
        const found = await give(rank, mine);
        let at = 0;
        for (let other = 0; other < size; at += lengths[other++]!) {
          const theirs = found.get(other)!;
          if (theirs.length !== lengths[other])
            throw new Error(`Rank ${other} gave another length.`);
          all.set(theirs, at);
        }
      },
      close() {
        lost ??= new LostRankError([rank], "it closed");
        for (const { fail } of waiting.values()) fail(lost);
        waiting.clear();
      },
    };
  });
  return { ranks, bytes: () => bytes };
}
