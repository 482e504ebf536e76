/** @file The keys of `source` in a config, but for those of EEG. */

import { z } from "zod";
import { DOCUMENT_FORMATS } from "../domains/language/text/document-formats.ts";
import { COEFFICIENT_KINDS, GENERATORS } from "../domains/synthetic/options.ts";
import {
  bufferBytes,
  heldOutFraction,
  normalize,
  positiveInteger,
  sourceSeed,
} from "./schema-parts.ts";

const heldOut = {
  held_out_rows: positiveInteger
    .optional()
    .describe("Rows kept for evaluation; overrides held_out_fraction"),
  held_out_fraction: heldOutFraction.describe("Fraction of the rows kept for evaluation"),
};

export const syntheticSource = z.strictObject({
  kind: z.literal("synthetic").describe("Generated on the fly, with known features"),
  generator: z
    .enum(GENERATORS)
    .default("mfr")
    .describe("Whose synthetic data; decides the defaults of the other keys"),
  d_in: positiveInteger.optional().describe("Width of an activation"),
  features: positiveInteger.optional().describe("Ground-truth features"),
  normalize_features: z.boolean().optional().describe("Scale the features to length one"),
  groups: positiveInteger.optional().describe("Groups that active features come from"),
  active: positiveInteger.optional().describe("Active features of a row"),
  decay: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe("Weight of each feature of a group relative to the one before"),
  support: z
    .enum(["per_sample", "per_batch_group"])
    .optional()
    .describe(
      "Whether rows draw their active features alone or share them as in the founding program",
    ),
  generation_batch: positiveInteger
    .optional()
    .describe("Rows that share a draw with per_batch_group"),
  coefficients: z
    .enum(COEFFICIENT_KINDS)
    .optional()
    .describe("Strength of an active feature: U(0, 1), |N(0, 1)|, or the product of two U(0, 1)"),
  noise: z.number().min(0).optional().describe("Standard deviation of added normal noise"),
  correlated: z
    .boolean()
    .optional()
    .describe("sparse_coding: activation probabilities that move together"),
  held_out_rows: positiveInteger.optional().describe("Rows drawn for evaluation"),
  normalize,
  seed: sourceSeed,
});

const skipNonFinite = z
  .boolean()
  .default(false)
  .describe("Leave out rows with a number that is not finite; otherwise such a row ends the run");

export const arraySource = z.strictObject({
  kind: z.literal("arrays").describe("Your own activations from files; the last axis is d_in"),
  path: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe(
      ".npy, .safetensors or raw binary files: a path, a pattern such as acts/*.npy, or a list of both; relative to the config file",
    ),
  tensor: z.string().optional().describe("Tensor of a .safetensors file with several"),
  dtype: z
    .enum(["float32", "float16", "bfloat16", "float64"])
    .optional()
    .describe("How numbers are stored; raw binary only"),
  d_in: positiveInteger.optional().describe("Numbers to a row; raw binary only"),
  skip_non_finite: skipNonFinite,
  ...heldOut,
  buffer_bytes: bufferBytes,
  normalize,
  seed: sourceSeed,
});

export const shardSource = z.strictObject({
  kind: z.literal("shards").describe("An activation store"),
  path: z.string().describe("Folder that concord collect wrote; relative to the config file"),
  skip_non_finite: skipNonFinite,
  ...heldOut,
  buffer_bytes: bufferBytes,
  normalize,
  seed: sourceSeed,
});

export const languageModelSource = z.strictObject({
  kind: z
    .literal("language_model")
    .describe("A language model's activations, collected into the cache first"),
  model: z
    .string()
    .describe(
      "A name of the catalogue (concord models list), org/name of the Hugging Face hub, a folder, or an .onnx file; relative to the config file",
    ),
  hook: z
    .string()
    .describe(
      "Hook name of TransformerLens 3, e.g. blocks.3.hook_resid_post, or a tensor's name in an ONNX file (concord models hooks)",
    ),
  text: z
    .string()
    .describe(
      "A text of the catalogue, a file, a folder, or a pattern such as texts/*.jsonl.gz (docs/text.md); relative to the config file",
    ),
  text_format: z
    .enum(DOCUMENT_FORMATS)
    .optional()
    .describe("How files hold documents; default: told from the file"),
  text_column: z
    .string()
    .optional()
    .describe(
      "Key of JSON objects, or column of Parquet files, that holds the text; default: text",
    ),
  context: positiveInteger
    .optional()
    .describe("Tokens in a window; default: the model's, at most 1024"),
  max_tokens: positiveInteger.optional().describe("Stop after this many tokens"),
  skip_special: z.boolean().default(true).describe("Leave out the activations of special tokens"),
  mode: z
    .enum(["packed", "documents"])
    .default("packed")
    .describe("Documents joined and cut into full windows, or each in windows of its own"),
  dtype: z
    .enum(["float16", "bfloat16", "float32"])
    .default("float16")
    .describe("How activations are stored"),
  ...heldOut,
  buffer_bytes: bufferBytes,
  normalize,
  seed: sourceSeed,
});
