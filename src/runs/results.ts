/**
 * @file What a finished run found, as `results/` holds it: the types of its JSON files, and reading
 *   them back.
 */

import { existsSync } from "node:fs";
import { FormatError } from "../errors.ts";
import type { DensityHistogram } from "../metrics/latent-density.ts";
import type { ResultWarning } from "./result-warnings.ts";
import type { RunFolder } from "./run-folder.ts";

/** What one member showed on held-out activations. */
export interface MemberEvaluation {
  readonly name: string;
  readonly architecture: string;
  /** Whether couplings include it; the others are the independent members. */
  readonly coupled: boolean;
  /** What distinguishes it from its population: grid values and overrides. */
  readonly label: Readonly<Record<string, unknown>>;
  /**
   * What members of this population differ in besides their seeds, with this member's values,
   * defaults filled in; empty where they do not. Missing in results from before it was recorded.
   */
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /**
   * By metric name, see metrics/registry.ts. JSON has no NaN: a metric that is not a number is null
   * when read back.
   */
  readonly metrics: Readonly<Record<string, number>>;
  readonly density: DensityHistogram;
}

/**
 * What was made of held-out rows that have targets: metrics by name, see `DENOISING_METRICS` in
 * metrics/registry.ts.
 */
export interface DenoisingResult {
  /** Of the noisy rows as they are. */
  readonly noisy: Readonly<Record<string, number>>;
  readonly members: readonly {
    readonly name: string;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
}

/** results/evaluation.json */
export interface EvaluationResult {
  readonly rows: number;
  /** Steps that had been taken; missing in results from before runs could be extended. */
  readonly steps?: number;
  /**
   * When rows have targets: `members` then say how well these are reconstructed, and this what is
   * gained on the noisy rows.
   */
  readonly denoising?: DenoisingResult;
  /** Says what the activations stand in for, when they do. */
  readonly substitute?: string;
  readonly members: readonly MemberEvaluation[];
  /** Reasons to doubt the numbers; missing in results from before they were looked for. */
  readonly warnings?: readonly ResultWarning[];
}

/** A similarity next to its null. */
export interface SimilarityNumbers {
  readonly mcc: number;
  readonly mcc_null: number;
  readonly mean_max: readonly [number, number];
  readonly mean_max_null: readonly [number, number];
  /**
   * Fraction of matched pairs with a cosine of at least 0.7; the null is missing in results from
   * before it was measured.
   */
  readonly shared: number;
  readonly shared_null?: number;
}

/**
 * Of very many pairs a random sample is compared, in which each member takes part equally often;
 * the run's seed decides which.
 */
export interface SampledPairs {
  readonly compared: number;
  readonly of: number;
}

/** results/consistency.json */
export interface ConsistencyResult {
  /**
   * Mean MCC over the pairs of members that differ in their seeds alone; only where all members
   * have one setting. Results from before settings were told apart have the mean over all pairs
   * here: `pwMccOf` reads both.
   */
  readonly pw_mcc?: { readonly mean: number; readonly null: number };
  /**
   * Instead of `pw_mcc` where members have several settings: that of each setting that has pairs.
   */
  readonly pw_mcc_by_setting?: readonly {
    readonly setting: Readonly<Record<string, unknown>>;
    readonly mean: number;
    readonly null: number;
    readonly pairs: number;
  }[];
  /** When `pairs`, and with it `pw_mcc`, is of a sample; the same of `independent`. */
  readonly sampled_pairs?: SampledPairs;
  readonly sampled_independent?: SampledPairs;
  readonly pairs: readonly ({ readonly a: string; readonly b: string } & SimilarityNumbers)[];
  /** Each member against the known features. */
  readonly ground_truth?: readonly ({ readonly member: string } & SimilarityNumbers)[];
  /** Each coupled member against each independent one, which no coupling touched. */
  readonly independent?: readonly ({
    readonly member: string;
    readonly independent: string;
  } & SimilarityNumbers)[];
}

const EVALUATION = "results/evaluation.json";
const CONSISTENCY = "results/consistency.json";

/**
 * results/evaluation.json; undefined while the run has not got that far.
 *
 * @throws {FormatError} when the file is something else.
 */
export async function readEvaluation(folder: RunFolder): Promise<EvaluationResult | undefined> {
  if (!existsSync(folder.file(EVALUATION))) return undefined;
  const result = (await folder.readJson(EVALUATION)) as EvaluationResult | null;
  const members = result?.members;
  if (typeof result?.rows !== "number" || !Array.isArray(members) || !members.every(isEvaluated))
    throw new FormatError(folder.file(EVALUATION), "expected rows and a list of members.");
  const { warnings = [] } = result;
  if (!Array.isArray(warnings) || !warnings.every((w) => typeof w?.message === "string"))
    throw new FormatError(folder.file(EVALUATION), "expected a list of warnings.");
  return result;
}

/**
 * results/consistency.json; undefined while the run has not got that far.
 *
 * @throws {FormatError} when the file is something else.
 */
export async function readConsistency(folder: RunFolder): Promise<ConsistencyResult | undefined> {
  if (!existsSync(folder.file(CONSISTENCY))) return undefined;
  const result = (await folder.readJson(CONSISTENCY)) as ConsistencyResult | null;
  const lists = [result?.pairs, result?.ground_truth ?? [], result?.independent ?? []];
  if (!lists.every((list) => Array.isArray(list) && list.every(isSimilarity)))
    throw new FormatError(
      folder.file(CONSISTENCY),
      "expected lists of similarities next to their nulls.",
    );
  return result as ConsistencyResult;
}

function isEvaluated(member: unknown): boolean {
  const m = member as Partial<MemberEvaluation> | null;
  return (
    typeof m?.name === "string" &&
    typeof m.metrics === "object" &&
    m.metrics !== null &&
    Array.isArray(m.density?.counts)
  );
}

function isSimilarity(value: unknown): boolean {
  const s = value as Partial<SimilarityNumbers> | null;
  return [s?.mean_max, s?.mean_max_null].every((pair) => Array.isArray(pair) && pair.length === 2);
}
