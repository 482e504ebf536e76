/**
 * @file MFR on latents that are active together:
 *
 *   L = weight(t) · norm · Σ_{i<j} (1/n) Σ_e [ρ_e ≥ least_correlation] (1 − cos_e)
 *
 * ρ_e is Pearson's correlation of the two latents' activations over the rows of the batch. Atoms
 * whose latents answer to different rows are left alone, and so are those of silent latents. MFR
 * pulls these as well, which may make members agree on what neither has found in the data. Our own
 * design; the critique is that of docs/couplings.md.
 */

import { z } from "zod";
import { couplingKind } from "./coupling-kind.ts";
import { MatchedCoupling } from "./matched-coupling.ts";
import { matchedKeys } from "./matched-keys.ts";

export const correlated = couplingKind({
  title: "MFR on correlated latents",
  schema: z
    .strictObject({
      kind: z.literal("correlated").describe("Only atoms whose latents are active together"),
      ...matchedKeys,
      least_correlation: z
        .number()
        .min(-1)
        .max(1)
        .default(0.5)
        .describe("Least correlation of two latents' activations on the batch"),
    })
    .describe("MFR on matched atoms whose activations on the batch correlate"),
  create(population, { leastCorrelation, ...options }, { coupled, seed }) {
    const weights = { kind: "correlated", threshold: leastCorrelation } as const;
    const all = { seed, ...options };
    return new MatchedCoupling(population, { name: "correlated", weights }, all, coupled);
  },
});
