/**
 * @file MFR in which frequent latents count more:
 *
 *   L = weight(t) · norm · Σ_{i<j} Σ_e w_e (1 − cos_e),  w_e ∝ √(f_e g_e), Σ_e w_e = 1
 *
 * f_e and g_e are the fractions of the batch in which the two latents are active. A silent latent
 * is not pulled. Our own design.
 */

import { z } from "zod";
import { couplingKind } from "./coupling-kind.ts";
import { MatchedCoupling } from "./matched-coupling.ts";
import { matchedKeys } from "./matched-keys.ts";

export const frequency = couplingKind({
  title: "MFR weighted by frequency",
  schema: z
    .strictObject({
      kind: z.literal("frequency").describe("Atoms of frequent latents count more"),
      ...matchedKeys,
    })
    .describe("MFR in which each matched pair counts as often as its latents are active"),
  create: (population, options, { coupled, seed }) =>
    new MatchedCoupling(
      population,
      { name: "frequency", weights: { kind: "frequency" } },
      { seed, ...options },
      coupled,
    ),
});
