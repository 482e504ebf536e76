/** @file Time for tests: sleeping takes none of it, and every wait is written down. */

import type { Timing } from "../../src/fetch/options.ts";

export interface FakeTiming extends Timing {
  /** Milliseconds of every sleep, in order. */
  readonly sleeps: number[];
}

/** A clock that only sleeping moves. @param random What chance gives, always. */
export function fakeTiming(random = 1): FakeTiming {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    clock: () => now,
    now: () => new Date(Date.UTC(2026, 0, 1) + now),
    random: () => random,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
      await new Promise((wake) => setImmediate(wake));
      signal?.throwIfAborted();
    },
  };
}
