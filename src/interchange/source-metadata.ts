/** @file What the folder of an SAE says of the rows that it was trained on. */

import type { Source } from "../sources/source.ts";
import type { SaeMetadata } from "./saelens.ts";

/** The known facts about a source's rows, under SAELens's names where it has some. */
export function sourceMetadata({ provenance, normalization, saeMetadata }: Source): SaeMetadata {
  const { model, hook, text, context } = provenance;
  const known = { model_name: model, hook_name: hook, dataset_path: text, context_size: context };
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, v]) => v !== undefined)),
    ...(normalization && { activation_normalization: normalization }),
    ...saeMetadata,
  };
}
