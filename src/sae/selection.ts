/**
 * @file How a trained SAE selects latents: in words, as a number, and for SAEs averaged into one.
 */

import { ConcordError } from "../errors.ts";
import type { Sae, SaeSelection } from "./sae.ts";

/** The architecture of ours that selects latents in this way. */
export function selectionName({ kind }: SaeSelection): string {
  return kind;
}

/** Latents of a row that are active at most; undefined where thresholds decide. */
export function mostActive(selection: SaeSelection): number | undefined {
  return selection.kind === "topk" ? selection.k : undefined;
}

/**
 * The SAE with another number of active latents; undefined where that is not one number, or where
 * an encoder of its own decides it.
 */
export function withActive(sae: Sae, k: number): Sae | undefined {
  const { selection } = sae;
  if (selection.kind !== "topk" || sae.ownEncoder) return undefined;
  return { ...sae, selection: { ...selection, k } };
}

/** The rule in a few words: `32 largest`, `above zero`. */
export function selectionText(selection: SaeSelection): string {
  if (selection.kind === "topk")
    return `${selection.k} largest${selection.relu ? "" : ", negative ones too"}`;
  return selection.kind === "jumprelu" ? "above a threshold" : "above zero";
}

/** Which latents of a row are active: those above zero, the k largest of those, or all. */
export type ActiveLatents = "positive" | "all" | number;

/**
 * An SAE of weights that were not trained. It is called after the architecture that selects in the
 * same way.
 */
export function plainSae(
  weights: Omit<Sae, "selection" | "architecture">,
  active: ActiveLatents,
): Sae {
  if (active === "positive")
    return { ...weights, architecture: "relu", selection: { kind: "relu" } };
  const isAll = active === "all";
  const k = isAll ? weights.dSae : active;
  return { ...weights, architecture: "topk", selection: { kind: "topk", k, relu: !isAll } };
}

/** A latent of one of some SAEs, and its share in an average. */
export interface AveragedLatent {
  readonly sae: number;
  readonly latent: number;
  readonly weight: number;
}

/**
 * The selection that all SAEs have, for an SAE whose latents average theirs; thresholds are
 * averaged like biases.
 *
 * @param latents By latent of the new SAE, what it averages.
 * @throws {ConcordError} `argument/invalid` when they select differently.
 */
export function averagedSelection(
  saes: readonly Sae[],
  latents: readonly (readonly AveragedLatent[])[],
): SaeSelection {
  const { selection } = saes[0]!;
  const other = saes.find((sae) => selectionText(sae.selection) !== selectionText(selection));
  if (other)
    throw new ConcordError(
      "argument/invalid",
      `Expected SAEs that select latents in one way but found "${selectionText(selection)}" and "${selectionText(other.selection)}".`,
      { hint: "Name SAEs of one architecture and one k." },
    );
  if (selection.kind === "topk") return { ...selection, k: Math.min(selection.k, latents.length) };
  if (selection.kind === "relu") return selection;
  const thresholds = new Float32Array(latents.length);
  for (const [i, all] of latents.entries())
    for (const { sae, latent, weight } of all) {
      const own = saes[sae]!.selection;
      if (own.kind === "jumprelu") thresholds[i]! += weight * own.thresholds[latent]!;
    }
  return { kind: "jumprelu", thresholds };
}
