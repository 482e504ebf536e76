/**
 * @file Members follow teachers, which nothing pulls:
 *
 *   L = weight(t) · norm · Σ_{i follows j} (1 − MMCS(W_i, stop-gradient T_j))
 *   T_j ← normalise(m T_j + (1 − m) W_j) in every step, row by row
 *
 * With momentum m = 0 a teacher is the member itself. Followed in both directions, that is MFR: its
 * gradient at W_i already takes W_j for a constant. A moving average or a single direction makes
 * the difference. The idea is that of mean teachers (Tarvainen and Valpola 2017, arXiv:1703.01780)
 * and of MFR's port to SAELens, which follows peers one step late.
 */

import { z } from "zod";
import { couplingKind } from "./coupling-kind.ts";
import { MatchedCoupling } from "./matched-coupling.ts";
import { matchedKeys } from "./matched-keys.ts";

export const teacher = couplingKind({
  title: "MFR with teachers",
  schema: z
    .strictObject({
      kind: z.literal("teacher").describe("Members follow averages of each other's atoms"),
      ...matchedKeys,
      momentum: z
        .number()
        .min(0)
        .lt(1)
        .default(0.99)
        .describe("Share of a teacher that stays in a step; 0: the member as it is"),
      direction: z
        .enum(["mutual", "one_way"])
        .default("mutual")
        .describe(
          "mutual: every member follows all others; one_way: a member follows those before it",
        ),
    })
    .describe("MFR towards moving averages of the other members' atoms, which nothing pulls"),
  create(population, { momentum, direction, ...options }, { coupled, seed }) {
    const kind = {
      name: "teacher",
      weights: { kind: "uniform" },
      teachers: { momentum, direction },
    } as const;
    return new MatchedCoupling(population, kind, { seed, ...options }, coupled);
  },
});
