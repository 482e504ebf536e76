/**
 * @file A latent as Neuronpedia's HTTP interface takes it: each `batch-<n>.json` is the body of one
 *   `POST /api/feature/upload-batch`. Whoever owns the source set sends it, with a key.
 *
 * Read at commit ebb8426 of hijohnnylin/neuronpedia. Fields and limits:
 * apps/webapp/app/api/feature/upload-batch/route.tsx. What quantiles mean:
 * webapp-python-client/neuronpedia/examples/upload_features.ipynb, and how they are shown:
 * apps/webapp/components/activations-list.tsx. The published client sends the same body:
 * webapp-python-client/neuronpedia/requests/feature_request.py.
 */

import { z } from "zod";
import { cutTo } from "../../formats/show-name.ts";
import type { LatentCard } from "../card.ts";
import type { BatchFormat } from "./batches.ts";
import { sourceId } from "./foreign-source.ts";
import { exampleGroups, rounded, storableToken } from "./token-examples.ts";

/** Features that one upload may have. */
export const UPLOAD_FEATURES = 128;
const MOST_TOKENS = 1024;
const MOST_LOGITS = 20;
const MOST_EXPLANATION = 512;

const uploadLogits = z
  .array(z.strictObject({ token: z.string().min(1), value: z.number() }))
  .max(MOST_LOGITS)
  .nullable();

const uploadActivationSchema = z
  .strictObject({
    tokens: z.array(z.string().min(1)).min(1).max(MOST_TOKENS),
    values: z.array(z.number()).min(1).max(MOST_TOKENS),
    quantileMax: z.number().max(99_999_999),
    /** −1 marks the group of the strongest examples. */
    quantileMin: z.number().max(99_999_999),
    /** Share of the active rows in the group; null for the strongest examples. */
    quantileFraction: z.number().min(0).max(1).nullable(),
  })
  .refine(({ tokens, values }) => tokens.length === values.length, "one value per token");

const uploadFeatureSchema = z.strictObject({
  index: z.number().int().min(0).max(10_000_000),
  density: z.number().min(0).max(1),
  topLogits: uploadLogits,
  bottomLogits: uploadLogits,
  explanations: z.array(z.strictObject({ text: z.string().min(1).max(MOST_EXPLANATION) })),
  activations: z.array(uploadActivationSchema).min(1),
});

/** The body of one upload. */
export const uploadBatchSchema = z
  .strictObject({
    /** Null where the export was not told: it must be filled in before the upload. */
    modelId: z.string().nullable(),
    source: z.string().nullable(),
    features: z.array(uploadFeatureSchema).min(1).max(UPLOAD_FEATURES),
  })
  .refine(
    ({ features }) => new Set(features.map(({ index }) => index)).size === features.length,
    "no index twice",
  );

type UploadFeature = z.output<typeof uploadFeatureSchema>;

function uploadLogit(logits: readonly { text: string; value: number }[]) {
  return logits
    .slice(0, MOST_LOGITS)
    .map(({ text, value }) => ({ token: storableToken(text), value: rounded(value) }));
}

/**
 * A latent as an upload has it. Its label is the explanation; examples are cut to 1,024 tokens
 * around the row, and logits to the 20 largest.
 *
 * @returns Undefined for a latent without an example of text, which the upload would refuse.
 */
function uploadFeature(card: LatentCard): UploadFeature | undefined {
  const activations = exampleGroups(card, MOST_TOKENS).flatMap(
    ({ kind, from, to, share, examples }) =>
      examples.map(({ tokens, values }) => ({
        tokens,
        values,
        quantileMax: to,
        quantileMin: kind === "top" ? -1 : from,
        quantileFraction: share,
      })),
  );
  if (activations.length === 0) return undefined;
  return {
    index: card.latent,
    density: rounded(card.density),
    topLogits: card.logits && uploadLogit(card.logits.top),
    bottomLogits: card.logits && uploadLogit(card.logits.bottom),
    explanations:
      card.label === "" ? [] : [{ text: cutTo(storableToken(card.label), MOST_EXPLANATION) }],
    activations,
  };
}

/** The bodies of Neuronpedia's uploads. */
export const neuronpedia: BatchFormat = {
  name: "Neuronpedia",
  head: (source): Omit<z.output<typeof uploadBatchSchema>, "features"> => ({
    modelId: source?.modelId ?? null,
    source: source === undefined ? null : sourceId(source),
  }),
  feature: uploadFeature,
  sourceFields: "modelId and source",
  leftOut: [
    "Neuronpedia's uploads have no place for rules, recurrence, partners, histograms, pictures, and random and near-miss examples.",
  ],
};
