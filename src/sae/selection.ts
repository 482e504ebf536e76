/** @file How trained SAEs select latents, for those who need not know the kinds. */

import { ConcordError } from "../errors.ts";
import type { Sae, SaeSelection } from "./sae.ts";

/** What a table says of a selection. */
export interface SelectionFacts {
  /** `topk`, `relu` or `jumprelu`. */
  readonly kind: string;
  /** Active latents per row; null where their number is not fixed. */
  readonly k: number | null;
  /** In words: `32 largest`. */
  readonly text: string;
}

/** A selection in words and numbers. */
export function selectionFacts(selection: SaeSelection): SelectionFacts {
  const { kind } = selection;
  if (kind === "topk") {
    const { k, relu } = selection;
    return { kind, k, text: `${k} largest${relu ? "" : ", negative ones too"}` };
  }
  return { kind, k: null, text: kind === "jumprelu" ? "above a threshold" : "above zero" };
}

/**
 * The selection that all SAEs have, for `count` latents.
 *
 * @throws {ConcordError} "argument/invalid" when they have several, or thresholds of their own.
 */
export function commonSelection(saes: readonly Sae[], count: number): SaeSelection {
  const [first] = saes;
  const { selection } = first!;
  const text = (s: SaeSelection) => JSON.stringify(s.kind === "jumprelu" ? s.kind : s);
  const other = saes.find((sae) => text(sae.selection) !== text(selection));
  if (other)
    throw new ConcordError(
      "argument/invalid",
      `Expected SAEs that select latents in one way but found ${text(selection)} and ${text(other.selection)}.`,
      { hint: "Name SAEs of one architecture and one k." },
    );
  if (selection.kind === "jumprelu")
    throw new ConcordError(
      "argument/invalid",
      "SAEs with thresholds of their own cannot be averaged into one.",
      { hint: "Make a consensus of SAEs with topk, topk_tied, relu or relu_tied." },
    );
  if (selection.kind === "topk") return { ...selection, k: Math.min(selection.k, count) };
  return selection;
}
