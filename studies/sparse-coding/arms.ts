/** What is compared: dictionaries by layer. */

import type { Arm } from "../../src/index.ts";

/** Residual streams behind these blocks of stories15M, which has six. */
export const LAYERS = [0, 4] as const;
/** Active latents per row, of all dictionaries. */
export const K = 16;
/** Further numbers of active latents, on the later layer, for what perplexity costs. */
export const MORE_K = [4, 8, 32, 64] as const;
export const MIDDLE = 4;

/** Dictionaries, the SAE first, then what it must beat, then its controls. */
export const DICTIONARIES = {
  sae: "TopK SAE",
  ica: "ICA, oriented",
  pca: "PCA, oriented",
  identity: "identity",
  random: "random directions",
  soft: "SAE, soft-frozen decoder",
  frozen: "SAE, frozen decoder",
  redrawn: "SAE of a model with random weights",
} as const;

export type DictionaryName = keyof typeof DICTIONARIES;
export const NAMES = Object.keys(DICTIONARIES) as DictionaryName[];
/** Fitted to the rows of a layer. */
export const BASELINES = ["ica", "pca", "identity", "random"] as const;
/** Members of the layer's run. */
export const MEMBERS = ["sae", "soft", "frozen"] as const;

export const armName = (layer: number, name: DictionaryName) => `l${layer}.${name}`;

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(
  LAYERS.flatMap((layer) =>
    NAMES.map((name): [string, Arm] => [
      armName(layer, name),
      {
        title: `${DICTIONARIES[name]}, layer ${layer}`,
        ...(name === "sae" ? {} : { baseline: armName(layer, "sae") }),
      },
    ]),
  ),
);
