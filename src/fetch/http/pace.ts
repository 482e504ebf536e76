/** @file Politeness: a budget of so much a second, kept by waiting before the next spending. */

import type { Timing } from "../options.ts";
import { sleepUnlessAborted } from "./retry.ts";

/** Spends units of a budget that refills continuously; nothing is saved up while idle. */
export class Pace {
  readonly #perSecond: number;
  readonly #timing: Pick<Timing, "clock" | "sleep">;
  readonly #signal: AbortSignal | undefined;
  /** When what was spent is paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;

  /** @param perSecond Units per second; infinity never waits. */
  constructor(
    perSecond: number,
    timing: Pick<Timing, "clock" | "sleep">,
    signal: AbortSignal | undefined,
  ) {
    this.#perSecond = perSecond;
    this.#timing = timing;
    this.#signal = signal;
  }

  /** Waits until everything spent before is paid for, then spends `units`. */
  async spend(units: number): Promise<void> {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return;
    const now = this.#timing.clock();
    const start = Math.max(now, this.#paidAt);
    this.#paidAt = start + (units / this.#perSecond) * 1000;
    if (start > now) await sleepUnlessAborted(start - now, this.#timing, this.#signal);
  }
}
