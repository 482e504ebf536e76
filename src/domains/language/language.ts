/**
 * @file The wing of language models: what they compute over a text, collected once and then reused.
 */

import { basename, isAbsolute } from "node:path";
import { given } from "../../base/given.ts";
import { openShardSource, requireStoreBuffer } from "../../sources/shards/shard-source.ts";
import { describePath, fileRowsOptions } from "../../sources/source-kind.ts";
import type { Domain } from "../domain.ts";
import { type LanguageModelConfig, languageModelSource } from "./schema.ts";
import { collectStore } from "./source/collect-store.ts";
import { collectOptions, serving, storeFolder } from "./source/from-config.ts";
import { planLanguageModel } from "./source/plan-source.ts";

/** A file or folder without what it lies in; names of a catalogue or hub as they are. */
function shortName(name: string): string {
  return isAbsolute(name) ? basename(name) : name;
}

export const languageModel = {
  kind: "language_model",
  schema: languageModelSource,
  listKeys: [],
  unit: "tokens",
  async open(source, context) {
    const folder = await storeFolder(source, context);
    const { notices: ofText } = await collectStore(folder, {
      ...collectOptions(source, context),
      onShape: (store, rows) => requireStoreBuffer(store, rows, serving(source)),
    });
    const rows = fileRowsOptions(source, context);
    const store = await openShardSource(given({ folder, ...rows }));
    return { ...store, notices: [...ofText, ...(store.notices ?? [])] };
  },
  facts: planLanguageModel,
  verbs: ["models", "collect"],
  describe(provenance) {
    const text = (key: string) =>
      typeof provenance[key] === "string" ? String(provenance[key]) : undefined;
    const [model, hook, over] = ["model", "hook", "text"].map(text);
    if (model === undefined) return describePath(provenance);
    return `activations of ${shortName(model)}${hook ? ` at ${hook}` : ""}${over ? ` over ${shortName(over)}` : ""}`;
  },
} as const satisfies Domain<LanguageModelConfig>;
