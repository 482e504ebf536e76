/**
 * @file What a finished run found, as `results/` holds it: the schemas of its JSON files, in the
 *   snake_case of the disk, and reading them back. Reports, `--json` and pages share them.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { parseResult } from "./parse-result.ts";
import type { ResultWarningCode } from "./result-warnings.ts";
import type { RunFolder } from "./run-folder.ts";

/**
 * A measured number. JSON has no NaN: one that is not a number is null when it is read back.
 * Everything that shows numbers takes it for NaN.
 */
export const measured = z.custom<number>((value) => value === null || typeof value === "number", {
  error: "expected a number or null",
});

const keyValues = z.record(z.string(), z.unknown()).readonly();

const density = z
  .object({
    /** Lower edges of the bins in log10 of the density; bins are `width` wide. */
    edges: z.array(z.number()).readonly(),
    width: z.number(),
    counts: z.array(z.number()).readonly(),
    /** Latents that are never active, which have no logarithm. */
    dead: z.number(),
  })
  .readonly();

const memberEvaluation = z
  .object({
    name: z.string(),
    architecture: z.string(),
    seed: z.number(),
    /** Whether couplings include it; the others are the independent members. */
    coupled: z.boolean(),
    /** What distinguishes it from its population: grid values and overrides. */
    label: keyValues,
    /**
     * What members of this population differ in besides their seeds, with this member's values,
     * defaults filled in; empty where they do not. Missing in results from before it was recorded.
     */
    setting: keyValues.optional(),
    /** By metric name, see metrics/registry.ts. */
    metrics: z.record(z.string(), measured).readonly(),
    density,
  })
  .readonly();

const resultWarning = z
  .object({
    code: z.custom<ResultWarningCode>((value) => typeof value === "string"),
    message: z.string(),
    members: z.array(z.string()).readonly().optional(),
  })
  .readonly();

/** results/evaluation.json; analyses of wings add keys of their own. */
const evaluationResult = z
  .looseObject({
    rows: z.number(),
    /** Steps that had been taken; missing in results from before runs could be extended. */
    steps: z.number().optional(),
    /** What the activations are a substitute for, if they are one. */
    substitute: z.string().optional(),
    members: z.array(memberEvaluation).readonly(),
    /** Reasons to doubt the numbers; missing in results from before they were looked for. */
    warnings: z.array(resultWarning).readonly().optional(),
  })
  .readonly();

const both = z.tuple([measured, measured]).readonly();

const similarity = {
  mcc: measured,
  mcc_null: measured,
  mean_max: both,
  mean_max_null: both,
  /**
   * Fraction of matched pairs with a cosine of at least 0.7; the null is missing in results from
   * before it was measured.
   */
  shared: measured,
  shared_null: measured.optional(),
  /** MCC modulo the group of the rows, and its own null; only where rows come in orbits. */
  mcc_modulo: measured.optional(),
  mcc_modulo_null: measured.optional(),
};

const similarityNumbers = z.object(similarity).readonly();

const sampledPairs = z.object({ compared: z.number(), of: z.number() }).readonly();

const besideNull = { mean: measured, null: measured };

const pairOfMembers = z.object({ a: z.string(), b: z.string(), ...similarity }).readonly();
const withTruth = z.object({ member: z.string(), ...similarity }).readonly();
const withIndependent = z
  .object({ member: z.string(), independent: z.string(), ...similarity })
  .readonly();

/** results/consistency.json */
const consistencyResult = z
  .object({
    /**
     * Mean MCC over the pairs of members that differ in their seeds alone; only where all members
     * have one setting. Results from before settings were distinguished have the mean over all
     * pairs here: `pwMccOf` reads both.
     */
    pw_mcc: z.object(besideNull).readonly().optional(),
    /**
     * Instead of `pw_mcc` where members have several settings: that of each setting that has pairs.
     */
    pw_mcc_by_setting: z
      .array(z.object({ setting: keyValues, ...besideNull, pairs: z.number() }).readonly())
      .readonly()
      .optional(),
    /** The group of `mcc_modulo`: `c4`. */
    group: z.string().optional(),
    /** When `pairs`, and with it `pw_mcc`, is of a sample; the same of `independent`. */
    sampled_pairs: sampledPairs.optional(),
    sampled_independent: sampledPairs.optional(),
    pairs: z.array(pairOfMembers).readonly(),
    /** Each member against the known features. */
    ground_truth: z.array(withTruth).readonly().optional(),
    /** Each coupled member against each independent one, which no coupling touched. */
    independent: z.array(withIndependent).readonly().optional(),
  })
  .readonly();

/** What one member showed on held-out activations. */
export type MemberEvaluation = z.output<typeof memberEvaluation>;

/** results/evaluation.json */
export type EvaluationResult = z.output<typeof evaluationResult>;

/** A similarity next to its null. */
export type SimilarityNumbers = z.output<typeof similarityNumbers>;

/**
 * Of very many pairs a random sample is compared, in which each member takes part equally often;
 * the run's seed decides which.
 */
export type SampledPairs = z.output<typeof sampledPairs>;

/** results/consistency.json */
export type ConsistencyResult = z.output<typeof consistencyResult>;

async function read<T>(
  folder: RunFolder,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const path = folder.file(name);
  return existsSync(path) ? parseResult(schema, await folder.readJson(name), path) : undefined;
}

/**
 * results/evaluation.json; undefined while the run has not got that far.
 *
 * @throws {FormatError} naming the key that is something else.
 */
export function readEvaluation(folder: RunFolder): Promise<EvaluationResult | undefined> {
  return read(folder, "results/evaluation.json", evaluationResult);
}

/**
 * results/consistency.json; undefined while the run has not got that far.
 *
 * @throws {FormatError} naming the key that is something else.
 */
export function readConsistency(folder: RunFolder): Promise<ConsistencyResult | undefined> {
  return read(folder, "results/consistency.json", consistencyResult);
}
