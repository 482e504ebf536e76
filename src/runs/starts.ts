/**
 * @file `results/starts.json`: how alike the members' decoders were before the first step. What
 *   SAEs had in common from the start is not something that training found.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { parseResult } from "./parse-result.ts";
import type { RunFolder } from "./run-folder.ts";

/** The name of the file below the run's folder. */
export const STARTS_FILE = "results/starts.json";

const startOfPair = z
  .object({
    a: z.string(),
    b: z.string(),
    /** Mean cosine of atoms of one index; null for members of different widths. */
    same_index: z.number().nullable(),
    /** Mean over the sample of a's atoms of the largest cosine in b. */
    mean_max: z.number(),
    /** The same of random directions; null for d_in 1. */
    mean_max_null: z.number().nullable(),
  })
  .readonly();

const starts = z
  .object({
    /** Most atoms of a that a `mean_max` is a mean over. */
    atoms: z.number(),
    pairs: z.array(startOfPair).readonly(),
  })
  .readonly();

/** How alike two members were before the first step. */
export type StartOfPair = z.output<typeof startOfPair>;

/** results/starts.json */
export type Starts = z.output<typeof starts>;

/**
 * results/starts.json; undefined for runs that were written before it was kept, and for runs of one
 * member.
 *
 * @throws {FormatError} naming the key that is something else.
 */
export async function readStarts(folder: RunFolder): Promise<Starts | undefined> {
  const path = folder.file(STARTS_FILE);
  if (!existsSync(path)) return undefined;
  return parseResult(starts, await folder.readJson(STARTS_FILE), path);
}
