/** @file Why a format cannot keep an SAE, in words that follow the format's name. */

import type { Sae, SaeSelection } from "../sae/sae.ts";
import { selectionText } from "../sae/selection.ts";

const WORDS: Readonly<Record<SaeSelection["kind"], string>> = {
  relu: "all above zero",
  topk: "the k largest above zero",
  jumprelu: "all above a threshold",
};

/** Why a format does not keep this selection; undefined when it does. */
function selectionRefusal(
  { selection }: Sae,
  kinds: readonly SaeSelection["kind"][],
): string | undefined {
  const isSigned = selection.kind === "topk" && !selection.relu;
  if (kinds.includes(selection.kind) && !isSigned) return undefined;
  const words = kinds.map((kind) => WORDS[kind]).join(", or ");
  return `selects ${words}, and this SAE selects "${selectionText(selection)}"`;
}

/** Why a format that leaves rows as they are does not keep an SAE; undefined when it does. */
export function normalizationRefusal({ rowNormalization }: Sae): string | undefined {
  if (rowNormalization === undefined) return undefined;
  const shown = typeof rowNormalization === "string" ? rowNormalization : "a factor";
  return `takes rows as they are, and this SAE normalises them (${shown})`;
}

/** What speaks against keeping an SAE in a format that has these selections and nothing more. */
export function refusalOf(sae: Sae, kinds: readonly SaeSelection["kind"][]): string | undefined {
  return selectionRefusal(sae, kinds) ?? normalizationRefusal(sae);
}
