/** @file The `source` of a config that trains on a language model's activations. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import {
  bufferBytes,
  draw,
  heldOutKeys,
  normalize,
  orderSeed,
  positiveInteger,
  residualOf,
  sourceSeed,
} from "../../sources/schema-parts.ts";
import { DOCUMENT_FORMATS } from "./text/document-formats.ts";

export const languageModelSource = z.strictObject({
  kind: z
    .literal("language_model")
    .describe("A language model's activations, collected into the cache first"),
  model: z
    .string()
    .describe(
      "A name from concord models list, org/name on the Hugging Face hub, a folder, or an .onnx file; relative to the config file. With ~redrawn-0 behind it, that model with random weights (docs/baselines.md)",
    ),
  hook: z
    .string()
    .describe(
      "TransformerLens 3 hook name, e.g. blocks.3.hook_resid_post, or the name of a tensor in an ONNX file (see concord models hooks). Or give hooks",
    ),
  hooks: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Instead of hook: a list of them, with a run for each, and one pass of the model that collects all. With hook as well there is one run, and the pass collects the others for later",
    ),
  text: z
    .string()
    .describe(
      "A name from concord models list, a file, a folder, a pattern such as texts/*.jsonl.gz, or a dataset of the Hugging Face hub (docs/text.md); relative to the config file",
    ),
  text_format: z
    .enum(DOCUMENT_FORMATS)
    .optional()
    .describe("How files separate documents; default: recognised from the file"),
  text_column: z
    .string()
    .optional()
    .describe(
      "Key of JSON objects, or column of Parquet files, that holds the text; default: text",
    ),
  context: positiveInteger
    .optional()
    .describe("Tokens per window; default: the model's context, at most 1024"),
  max_tokens: positiveInteger.optional().describe("Stop after this many tokens"),
  skip_special: z.boolean().default(true).describe("Leave out the activations of special tokens"),
  skip_sinks: z
    .boolean()
    .default(true)
    .describe(
      "Leave out attention sinks: positions where activations are more than ten times as long as the median in every window",
    ),
  mode: z
    .enum(["packed", "documents"])
    .default("packed")
    .describe(
      "packed: join documents and cut full windows; documents: start a window with each document",
    ),
  engine: z
    .enum(["onnxruntime", "native"])
    .default("onnxruntime")
    .describe(
      "What computes the activations. onnxruntime: every model; native: the native core, faster, for checkpoints of the built-in families (docs/store.md)",
    ),
  dtype: z
    .enum(["float16", "bfloat16", "float32"])
    .default("float16")
    .describe("Number format of the stored activations"),
  ...heldOutKeys,
  buffer_bytes: bufferBytes,
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  order_seed: orderSeed,
  draw,
});

export type LanguageModelConfig = CamelKeys<z.output<typeof languageModelSource>>;
