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

/** The rule in a few words: `32 largest`, `above zero`. */
export function selectionText(selection: SaeSelection): string {
  if (selection.kind === "topk")
    return `${selection.k} largest${selection.relu ? "" : ", negative ones too"}`;
  return selection.kind === "jumprelu" ? "above a threshold" : "above zero";
}

/**
 * The selection that all SAEs have, for an SAE of `latents` latents averaged from theirs.
 *
 * @throws {ConcordError} `argument/invalid` when they select differently, or by thresholds of their
 *   own, which belong to single latents.
 */
export function commonSelection(saes: readonly Sae[], latents: number): SaeSelection {
  const [first] = saes;
  const { selection } = first!;
  const other = saes.find((sae) => selectionText(sae.selection) !== selectionText(selection));
  if (other)
    throw new ConcordError(
      "argument/invalid",
      `Expected SAEs that select latents in one way but found "${selectionText(selection)}" and "${selectionText(other.selection)}".`,
      { hint: "Name SAEs of one architecture and one k." },
    );
  if (selection.kind === "jumprelu")
    throw new ConcordError(
      "argument/invalid",
      "SAEs with a threshold per latent cannot be averaged into one.",
      { hint: "Name SAEs with topk, topk_tied, relu or relu_tied." },
    );
  return selection.kind === "topk"
    ? { ...selection, k: Math.min(selection.k, latents) }
    : selection;
}
