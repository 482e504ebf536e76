/**
 * The rule by which an arm earns being a default, written before the runs. After long training,
 * against its baseline:
 *
 *   1. On synthetic data GT-MCC and the MCC with independent SAEs are both higher, as means over
 *      the sparsities. On the language model that MCC is higher too.
 *   2. Held-out FVU is not higher, on either.
 *
 * Intervals of gains hold for all arms together (Bonferroni): each is at 1 − 0.05 / arms. Those of
 * losses are at 95 %, so that harm is found more easily than good.
 */

import { meanInterval } from "../../src/base/statistics/mean-interval.ts";
import type { Outcome, StudyResults, Verdict } from "../../src/index.ts";
import { armName, armsOf, CANDIDATES } from "./arms.ts";
import { LENGTHS, type Length, WORLD_NAMES, type WorldName } from "./worlds.ts";

export const CONFIDENCE = 1 - 0.05 / CANDIDATES.length;

type Place = "synthetic" | "stories";

/** The arm of that name that ran on the language model; MFR's published weight is MFR there. */
function onStories(name: string): string {
  return armsOf("stories").includes(name) ? name : "mfr";
}

/** Where the interval of an arm's paired difference from its baseline lies. */
function side(
  results: StudyResults,
  name: string,
  place: Place,
  length: Length,
  measure: string,
  confidence: number,
): Outcome {
  const arm = armName(place === "stories" ? onStories(name) : name, place, length);
  const cell = results.difference(arm, results.baselineOf(arm), measure);
  if (!cell || cell.values.length < 3) return "too few seeds";
  const { low, high } = meanInterval(cell.values, confidence) ?? {};
  if (low !== undefined && low > 0) return "higher";
  return high !== undefined && high < 0 ? "lower" : "not shown";
}

/** What stands between an arm and being a default; empty where nothing does. */
export function missing(results: StudyResults, name: string, length: Length): string[] {
  const gain = (place: Place, measure: string) =>
    side(results, name, place, length, measure, CONFIDENCE) === "higher";
  const harm = (place: Place) => side(results, name, place, length, "fvu", 0.95) === "higher";
  return [
    ...(gain("synthetic", "gt_mcc") ? [] : ["GT-MCC"]),
    ...(gain("synthetic", "independent_mcc") ? [] : ["independent MCC (synthetic)"]),
    ...(gain("stories", "independent_mcc") ? [] : ["independent MCC (stories15m)"]),
    ...(harm("synthetic") ? ["FVU (synthetic)"] : []),
    ...(harm("stories") ? ["FVU (stories15m)"] : []),
  ];
}

/** Arms that pass the rule. */
export function earned(results: StudyResults, length: Length): string[] {
  return CANDIDATES.filter((name) => missing(results, name, length).length === 0);
}

const gains = (place: Place, measure: string, length: Length): [string, Verdict][] =>
  [...CANDIDATES, "untied"].map((name) => [
    `${measure}.${name}.${place}.${length}`,
    (results) => side(results, name, place, length, measure, CONFIDENCE),
  ]);

/** What twice as many steps may change where training counts as converged. */
const AT_REST = 0.01;

/**
 * Whether the baseline gains nothing more from twice as many steps. That is less than 0.01 in
 * GT-MCC, or 1 % of FVU where no features are known.
 */
function isAtRest(results: StudyResults, world: WorldName): boolean {
  const [longer, long] = [`none.${world}.longer`, armName("none", world, "long")];
  const change =
    world === "stories"
      ? results.change(longer, long, "fvu")
      : results.difference(longer, long, "gt_mcc");
  return change !== undefined && Math.abs(change.mean) < AT_REST;
}

/** Arms in which members are coupled. */
const COUPLED = CANDIDATES.filter((name) => !["decay", "aligned", "consensus"].includes(name));

/** The coupling with the highest GT-MCC after long training. */
const bestCoupling: Verdict = (results) => {
  const arms = COUPLED.map((name) => armName(name, "synthetic", "long"));
  return results.best(arms, "gt_mcc", "higher").split(".")[0]!;
};

export const verdicts: Readonly<Record<string, Verdict>> = {
  "best-coupling": bestCoupling,
  ...Object.fromEntries(
    WORLD_NAMES.map((world): [string, Verdict] => [
      `rest.${world}`,
      (results) => (isAtRest(results, world) ? "yes" : "no"),
    ]),
  ),
  ...Object.fromEntries(
    LENGTHS.flatMap((length): [string, Verdict][] => [
      [`default.${length}`, (results) => earned(results, length).join(", ") || "none"],
      ...gains("synthetic", "gt_mcc", length),
      ...gains("synthetic", "independent_mcc", length),
      ...gains("synthetic", "fvu", length),
      ...gains("stories", "independent_mcc", length),
      ...gains("stories", "fvu", length),
    ]),
  ),
};
