/** @file What a config says of probes. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import { positiveInteger } from "../../sources/schema-parts.ts";

/** Kinds of probes. */
export const PROBES = ["logistic", "xgboost"] as const;

/** The keys under `analyses: [{ kind: probes, … }]`. */
export const probeOptions = z.object({
  labels: z
    .string()
    .optional()
    .describe(
      "a folder with tasks.json and labels.npy, a .npy or a .csv, relative to the config; default: those of the source",
    ),
  probes: z
    .array(z.enum(PROBES))
    .min(1)
    .default(["logistic"])
    .describe(
      "logistic (regression), xgboost (gradient-boosted trees; needs libxgboost and koffi)",
    ),
  lengths: z
    .array(z.union([positiveInteger, z.literal("all")]))
    .min(1)
    .default([8])
    .describe("latents that a probe may read, or all of them"),
  by: z
    .enum(["largest", "best"])
    .default("largest")
    .describe(
      "which these are: of each row the largest activations, or of each task the latents that go best with the training answers",
    ),
  top_k: z
    .array(positiveInteger)
    .default([])
    .describe(
      "k that members encode with, each in turn, where they select the k largest; default: their own",
    ),
  raw: z.boolean().default(true).describe("whether activations themselves are probed, too"),
  rows: positiveInteger
    .default(50_000)
    .describe("held-out rows that are used, at most; the first ones"),
  c: z.number().gt(0).default(1).describe("inverse strength of the L2 penalty of logistic probes"),
  trees: positiveInteger.default(100).describe("trees of an xgboost probe"),
  depth: positiveInteger.default(6).describe("greatest depth of a tree"),
  xgboost_library: z
    .string()
    .optional()
    .describe("path of XGBoost's shared library; default: the usual names"),
});

/** The same in camelCase, defaults filled in. */
export type ProbeOptions = CamelKeys<z.output<typeof probeOptions>>;
