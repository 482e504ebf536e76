/** @file A run's log as it stands in metrics.jsonl, for event files that TensorBoard is to read. */

import type { LogLine } from "../../../src/runs/run-log.ts";

export const MEMBERS = ["member-0", "wide"] as const;

/** Milliseconds since 1970 of the n-th event. */
export const momentOf = (event: number) => 1_700_000_000_000 + 250 * event;

/** Three lines; a number that is not finite is null in the file, and an event leaves it out. */
export const LINES: readonly LogLine[] = [1, 50, 2 ** 33].map((step, i) => ({
  step,
  activations: 64 * step,
  members: Object.fromEntries(
    MEMBERS.map((name, m) => [
      name,
      {
        loss: 10 / (i + 1) + m,
        fvu: 0.1 * (3 - i),
        mse: -0,
        l0: 16,
        l1: i === 1 ? null : 1e-12,
        dead: 0,
        lr: 0.001,
        aux_loss: 1e30,
      },
    ]),
  ),
  coupling_loss: 0.5 * i,
}));
