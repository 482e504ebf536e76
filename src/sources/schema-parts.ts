/**
 * @file Values that the `source` of every kind has in a config, and single numbers of other
 *   sections.
 */

import { z } from "zod";
import { NORMALIZATIONS } from "./rows/normalized-source.ts";

/** One value for all members, or a list: every combination of listed values is trained. */
export const grid = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);

export const positiveInteger = z.int().min(1);

export const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const sourceSeed = seed
  .optional()
  .describe("Seed of the data, or of its order; default: the run's seed");

/** The order alone, where rows lie in files. */
export const orderSeed = seed
  .optional()
  .describe(
    "Seed of the order of training rows alone; default: seed. Vary it to see what the order of the data does",
  );

/** A part of the training rows. */
export const draw = z
  .strictObject({
    part: positiveInteger.describe("Which part, from 1"),
    of: z.int().min(2).describe("How many parts there are"),
  })
  .refine(({ part, of }) => part <= of, {
    error: "expected part to be at most of",
    path: ["part"],
  })
  .optional()
  .describe(
    "Train on one of several parts of the training rows, which have no row in common. Held-out rows are the same for all parts",
  );

/** Memory of a source that keeps or buffers its data. */
export const bufferBytes = positiveInteger
  .default(2 ** 30)
  .describe("Memory that the source may use, bytes");

export const heldOutFraction = z.number().gt(0).lt(1).default(0.1);

/** Rows that are kept for evaluation, of rows that lie in files. */
export const heldOutKeys = {
  held_out_rows: positiveInteger
    .optional()
    .describe("Rows kept for evaluation; overrides held_out_fraction"),
  held_out_fraction: heldOutFraction.describe("Fraction of the rows kept for evaluation"),
};

/** Whether rows that are not finite are left out. */
export const skipNonFinite = z
  .boolean()
  .default(false)
  .describe("Leave out rows with a number that is not finite; otherwise such a row ends the run");

/** What is done to training rows, in every kind of source. */
export const normalize = z
  .enum(NORMALIZATIONS)
  .default("none")
  .describe(
    "Normalisation of training rows. expected_norm multiplies all rows by one factor, so that their mean length is √d_in; it is folded into saved weights. layer_norm gives each row mean 0 and standard deviation 1; saved SAEs do this themselves. standardize gives all numbers together mean 0 and standard deviation 1, with one mean and one factor, which are folded in as well. Training losses are in these units; evaluation and saved SAEs take unchanged rows",
  );

/** Saved SAEs whose reconstructions are taken off the rows, in every kind of source. */
export const residualOf = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe(
    "Folders of saved SAEs. Rows become what these leave: each in turn encodes the residual of those before it, as in boosting. Held-out rows too; normalize comes after it. Relative to the config file",
  );
