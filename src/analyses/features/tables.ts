/** @file The latents that recur most and least, as tables for a terminal. */

import type { ResultTable } from "../../domains/analysis.ts";
import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";

/** A share in percent with two digits that count: `0.034 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** A latent as it is typed: `member-0:700`. */
export function latentName({ member, latent }: Pick<ListedLatent, "member" | "latent">): string {
  return `${member}:${latent}`;
}

/** How often it was found: `4 of 4`. */
export function foundText(
  { member, found_in: found }: Pick<ListedLatent, "member" | "found_in">,
  { members }: FeaturesSummary,
): string {
  return `${found} of ${members.find(({ name }) => name === member)!.compared_with.length}`;
}

/** The null of the cosines of a member's latents. */
export function nullOf({ member }: Pick<ListedLatent, "member">, { members }: FeaturesSummary) {
  return members.find(({ name }) => name === member)!.null_cosine;
}

/** The rule that a latent is named by; undefined where other words name it, or none do. */
export function namingRule({ label, best_rule: rule }: Pick<ListedLatent, "label" | "best_rule">) {
  return rule?.text === label ? rule : undefined;
}

const twoDecimals = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : value.toFixed(2);

function rowOf(listed: ListedLatent, summary: FeaturesSummary): string[] {
  const rule = namingRule(listed);
  return [
    latentName(listed),
    listed.label === "" ? "–" : listed.label,
    twoDecimals(rule?.precision),
    twoDecimals(rule?.recall),
    percent(listed.density),
    foundText(listed, summary),
    `${twoDecimals(listed.mean_cosine)} (${twoDecimals(nullOf(listed, summary))})`,
  ];
}

/** Latents as rows of a table; without words' columns where nothing is said of any. */
export function latentTable(
  listed: readonly ListedLatent[],
  summary: FeaturesSummary,
  hasWords = listed.some(({ label }) => label !== ""),
): Omit<ResultTable, "title"> {
  const head = [
    "latent",
    "fires on",
    "precision",
    "recall",
    "density",
    "found in",
    "cosine (null)",
  ];
  const shown = (cells: readonly string[]) =>
    hasWords ? cells : [...cells.slice(0, 1), ...cells.slice(4)];
  return { header: shown(head), rows: listed.map((latent) => shown(rowOf(latent, summary))) };
}

/** The tables of the latents that recur most and least; empty ones are left out. */
export function featuresTables(summary: FeaturesSummary): ResultTable[] {
  const { most_recurrent: most, most_idiosyncratic: least, rows, unit, threshold } = summary;
  const hasWords = [...most, ...least].some(({ label }) => label !== "");
  const one = (title: string, listed: readonly ListedLatent[]): ResultTable[] =>
    listed.length === 0 ? [] : [{ title, ...latentTable(listed, summary, hasWords) }];
  const over = `over ${rows} ${unit}`;
  return [
    ...one(`The latents that most other members have (cosine ≥ ${threshold}), ${over}:`, most),
    ...one(`Live latents that no other member has, the least similar first, ${over}:`, least),
  ];
}
