/** @file What `results/consensus.json` holds. */

import { z } from "zod";
import { measured } from "../../runs/results.ts";

const judged = z.object({
  name: z.string(),
  latents: z.number(),
  /** On held-out rows. */
  fvu: measured,
  l0: measured,
  /** Against known features, and of random atoms; null where no features are known. */
  gt_mcc: z.number().nullable(),
  gt_mcc_null: z.number().nullable(),
  /** Known features with a matched cosine above 0.9. */
  found: z.number().nullable(),
  /** Mean over the independent members of the MCC with each; null without, and of themselves. */
  independent_mcc: z.number().nullable(),
});

/** What a consensus of a run's members came to. */
export const consensusSchema = z.object({
  min_members: z.number(),
  tau: z.number(),
  refit_steps: z.number(),
  /** Whether the refit moved the atoms too. */
  train_atoms: z.boolean(),
  /** Members that it was made of. */
  of: z.array(z.string()),
  /** Groups of 1, 2, … latents; the first number is for one. */
  groups_by_members: z.array(z.number()),
  latents: z.number(),
  /** Latents that fill it up: those of one member alone. */
  filled: z.number(),
  /** The consensus before and after its refit, then the members; empty without a latent. */
  judged: z.array(judged),
});

/** As the file has it. */
export type ConsensusResult = z.output<typeof consensusSchema>;
/** A row of `judged`. */
export type JudgedRow = z.output<typeof judged>;
