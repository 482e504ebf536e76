/**
 * @file The wing of language models: what they compute over a text, collected once and then reused.
 */

import { describePath } from "../../sources/source-kind.ts";
import type { Domain } from "../domain.ts";
import { inModel } from "./analyses/in-model.ts";
import { shortName } from "./analyses/model-behind.ts";
import { byModel } from "./interpret/by-model/by-model.ts";
import { interpretation } from "./interpret/interpretation.ts";
import { type LanguageModelConfig, languageModelSource } from "./schema.ts";
import { steering } from "./steering/steering.ts";

export const languageModel = {
  kind: "language_model",
  schema: languageModelSource,
  listKeys: ["hooks"],
  eachOf: { hooks: "hook" },
  unit: "tokens",
  // Models, tokenizers and readers of texts are loaded when a source is opened, not with a config.
  open: async (source, context) =>
    (await import("./source/open-source.ts")).openLanguageModelSource(source, context),
  collect: async (source, context) =>
    (await import("./source/open-source.ts")).collectIntoCache(source, context),
  align: async (folders, context) =>
    (await import("./source/align-rows.ts")).alignStores(folders, context),
  facts: async (source, context, open) =>
    (await import("./source/plan-source.ts")).planLanguageModel(source, context, open),
  analyses: [inModel, interpretation, byModel],
  evidence: {
    unasked: true,
    make: async (source, options) =>
      (await import("./evidence/evidence.ts")).makeTokenEvidence(source, options),
    read: async (tensors) => (await import("./evidence/row-words.ts")).tokenRowDescriber(tensors),
  },
  steering,
  verbs: [
    "models",
    "collect",
    "eval",
    "interpret",
    "steer",
    "patch",
    "erase",
    "graph",
    "case",
    "lens",
  ],
  describe(provenance) {
    const text = (key: string) =>
      typeof provenance[key] === "string" ? String(provenance[key]) : undefined;
    const [model, hook, over] = ["model", "hook", "text"].map(text);
    if (model === undefined) return describePath(provenance);
    return `activations of ${shortName(model)}${hook ? ` at ${hook}` : ""}${over ? ` over ${shortName(over)}` : ""}`;
  },
} as const satisfies Domain<LanguageModelConfig>;
