/**
 * @file A latent as SAEDashboard writes it: `batch-<n>.json`, which Neuronpedia's converters read,
 *   and `skipped_indexes.json`, the dead latents. Pasted into Neuronpedia's page
 *   `manual-dashboard`, one element of `features` is shown there.
 *
 * Read at commit db4839a of jbloomAus/SAEDashboard (decoderesearch/SAEDashboard), in its folder
 * sae_dashboard/neuronpedia. Fields: neuronpedia_dashboard.py. What they mean:
 * neuronpedia_converter.py. Dead latents: `record_skipped_features` of neuronpedia_runner.py. What
 * readers look up: neuronpedia_export.py. The other reader is in hijohnnylin/neuronpedia, commit
 * ebb8426: utils/neuronpedia-utils/neuronpedia_utils/convert-saedashboard-to-neuronpedia-export.py.
 */

import { z } from "zod";
import type { LatentCard } from "../card.ts";
import type { BatchFormat } from "./batches.ts";
import type { ForeignSource } from "./foreign-source.ts";
import { exampleGroups, rounded, storableToken } from "./token-examples.ts";

const integers = z.array(z.number().int());
const numbers = z.array(z.number());
const strings = z.array(z.string());

const activationSchema = z.strictObject({
  /** −1 marks the group of the strongest examples. */
  bin_min: z.number(),
  bin_max: z.number(),
  /** Share of all tokens whose activation lies in the bin; −1 for the strongest examples. */
  bin_contains: z.number(),
  tokens: strings.min(1),
  values: numbers.min(1),
  /** Which of the tokens the example is about. */
  qualifying_token_index: z.number().int().min(0),
});

/** One element of `features`; Neuronpedia's converter looks every list up, so none is left out. */
const dashboardFeatureSchema = z.strictObject({
  feature_index: z.number().int().min(0),
  neuron_alignment_indices: integers,
  neuron_alignment_values: numbers,
  neuron_alignment_l1: numbers,
  correlated_neurons_indices: integers,
  correlated_neurons_l1: numbers,
  correlated_neurons_pearson: numbers,
  correlated_features_indices: integers,
  correlated_features_l1: numbers,
  correlated_features_pearson: numbers,
  neg_str: strings,
  neg_values: numbers,
  pos_str: strings,
  pos_values: numbers,
  /** Density, from 0 to 1. */
  frac_nonzero: z.number().min(0).max(1),
  /** Centres of the bins, and tokens in each, of activations that are not zero. */
  freq_hist_data_bar_values: numbers,
  freq_hist_data_bar_heights: integers,
  logits_hist_data_bar_heights: numbers,
  logits_hist_data_bar_values: numbers,
  n_prompts_total: z.number().int().nullable(),
  n_tokens_in_prompt: z.number().int().nullable(),
  dataset: z.string().nullable(),
  decoder_weights_dist: numbers,
  activations: z.array(activationSchema),
  vector: numbers,
});

/** `batch-<n>.json` */
export const dashboardBatchSchema = z.strictObject({
  model_id: z.string().nullable(),
  layer: z.number().int().nullable(),
  sae_set: z.string().nullable(),
  sae_id_suffix: z.string().nullable(),
  features: z.array(dashboardFeatureSchema).min(1),
});

/** `skipped_indexes.json` */
export const skippedIndexesSchema = z.strictObject({
  model_id: z.string().nullable(),
  layer: z.string().nullable(),
  sae_set: z.string().nullable(),
  /** The threshold that SAEDashboard skips latents by; latents are skipped here when dead. */
  log_sparsity: z.number().nullable(),
  skipped_indexes: integers,
});

type DashboardFeature = z.output<typeof dashboardFeatureSchema>;

function activationsOf(card: LatentCard): DashboardFeature["activations"] {
  return exampleGroups(card).flatMap(({ kind, from, to, share, examples }) =>
    examples.map(({ tokens, values, peak }) => ({
      bin_min: kind === "top" ? -1 : from,
      bin_max: to,
      // Of all tokens, where the card counts active ones only.
      bin_contains: share === null ? -1 : rounded(share * card.density),
      tokens,
      values,
      qualifying_token_index: peak,
    })),
  );
}

/**
 * A live latent as SAEDashboard has it. Lists are empty where the evidence has nothing for them;
 * SAEDashboard does the same with what it did not compute. Numbers that are not known are null.
 */
function dashboardFeature(card: LatentCard, source: ForeignSource | undefined): DashboardFeature {
  const { bin_width: width, counts } = card.histogram;
  const { top = [], bottom = [] } = card.logits ?? {};
  return {
    feature_index: card.latent,
    neuron_alignment_indices: [],
    neuron_alignment_values: [],
    neuron_alignment_l1: [],
    correlated_neurons_indices: [],
    correlated_neurons_l1: [],
    correlated_neurons_pearson: [],
    // They would be correlations of activations; the card has cosines and Jaccard indices.
    correlated_features_indices: [],
    correlated_features_l1: [],
    correlated_features_pearson: [],
    neg_str: bottom.map(({ text }) => storableToken(text)),
    neg_values: bottom.map(({ value }) => rounded(value)),
    pos_str: top.map(({ text }) => storableToken(text)),
    pos_values: top.map(({ value }) => rounded(value)),
    frac_nonzero: rounded(card.density),
    freq_hist_data_bar_values: counts.map((_, bin) => rounded((bin + 0.5) * width)),
    freq_hist_data_bar_heights: counts,
    logits_hist_data_bar_heights: [],
    logits_hist_data_bar_values: [],
    n_prompts_total: null,
    n_tokens_in_prompt: null,
    dataset: source?.dataset ?? null,
    decoder_weights_dist: [],
    activations: activationsOf(card),
    vector: [],
  };
}

/** Batches as SAEDashboard writes them, and the list of dead latents. */
export const saedashboard: BatchFormat = {
  name: "SAEDashboard",
  head: (source): Omit<z.output<typeof dashboardBatchSchema>, "features"> => ({
    model_id: source?.modelId ?? null,
    layer: source?.layer ?? null,
    sae_set: source?.set ?? null,
    sae_id_suffix: null,
  }),
  feature: dashboardFeature,
  deadLatents: (source, dead) => {
    const content: z.output<typeof skippedIndexesSchema> = {
      model_id: source?.modelId ?? null,
      layer: source === undefined ? null : String(source.layer),
      sae_set: source?.set ?? null,
      log_sparsity: null,
      skipped_indexes: [...dead],
    };
    return { name: "skipped_indexes.json", content };
  },
  sourceFields: "model_id, layer, sae_set and dataset",
  leftOut: [
    "SAEDashboard's batches have no place for labels, rules, recurrence, partners, pictures, and random and near-miss examples.",
    "n_prompts_total and n_tokens_in_prompt are null. The lists of neurons, correlated features, heads, the histogram of logits and the vector are empty. The evidence has no such numbers.",
  ],
};
