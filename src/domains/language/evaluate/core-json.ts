/**
 * @file What an SAE costs its model, as SAEBench's `core` evaluation writes it, so that numbers lie
 *   side by side. Keys and nesting are those of SAEBench's eval_output_schema for `core`.
 */

import { createHash } from "node:crypto";
import { binCounts } from "../../../base/statistics/bin-counts.ts";
import type { SplicedSae, SpliceEvaluation } from "./splice-saes.ts";

/** What is known of an SAE besides its numbers. */
export interface CoreFacts {
  readonly model: string;
  readonly text: string | readonly string[];
  readonly context: number;
  readonly dIn: number;
  readonly dSae: number;
  readonly architecture: string;
  readonly folder: string;
  /** Mean of the largest cosine of each encoder row, and of each atom, with another one. */
  readonly encoderCollinearity: number;
  readonly decoderCollinearity: number;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Latents denser than `from`: their share of all, and of all activity; 0 where nothing fires. */
function frequent(density: Float32Array, from: number): readonly [share: number, activity: number] {
  const dense = density.filter((value) => value > from);
  const sum = (values: Float32Array) => values.reduce((total, v) => total + v, 0);
  return [dense.length / density.length, dense.length === 0 ? 0 : sum(dense) / sum(density)];
}

/** Bins of the histogram of densities per factor of ten, from 10⁻⁵ to 1. */
const [PER_DECADE, DECADES] = [4, 5];

/** How many latents fire in which share of the rows, on a logarithmic axis. */
function densityHistogram(density: Float32Array) {
  const bins = PER_DECADE * DECADES;
  const edges = Array.from({ length: bins + 1 }, (_, i) => i / PER_DECADE - DECADES);
  const alive = density.filter((value) => value > 0).map(Math.log10);
  return {
    log10_edges: edges,
    counts: binCounts(alive, -DECADES, 0, bins),
    dead: density.length - alive.length,
  };
}

/** An id of the form of a UUID that the content decides. */
function idOf(content: unknown): string {
  const hex = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** The object for one SAE. */
export function coreJson(evaluation: SpliceEvaluation, sae: SplicedSae, facts: CoreFacts) {
  const { crossEntropy, zeroAblation, meanAblation, rows, tokens, hook } = evaluation;
  const { predictions, density } = sae;
  const [over1, activity1] = frequent(density, 0.01);
  const [over10, activity10] = frequent(density, 0.1);
  const config = {
    model_name: facts.model,
    hook_name: hook,
    dataset: facts.text,
    context_size: facts.context,
    ablation: "zero",
    passed_dimensions: evaluation.passed,
    outlier_rows_kept: rows.isOutlier.reduce((sum, one) => sum + one, 0),
  };
  const metrics = {
    model_behavior_preservation: {
      kl_div_score: 1 - predictions.divergence / zeroAblation.divergence,
      kl_div_with_ablation: zeroAblation.divergence,
      kl_div_with_sae: predictions.divergence,
    },
    model_performance_preservation: {
      ce_loss_score: sae.recovered,
      ce_loss_with_ablation: zeroAblation.crossEntropy,
      ce_loss_with_sae: predictions.crossEntropy,
      ce_loss_without_sae: crossEntropy,
    },
    reconstruction_quality: {
      explained_variance: 1 - sae.fvu,
      mse: sae.mse,
      cossim: sae.cosine,
    },
    shrinkage: {
      l2_norm_in: sae.normIn,
      l2_norm_out: sae.normOut,
      l2_ratio: sae.normRatio,
      relative_reconstruction_bias: sae.bias,
    },
    sparsity: { l0: sae.l0, l1: sae.l1 },
    token_stats: {
      total_tokens_eval_reconstruction: tokens,
      total_tokens_eval_sparsity_variance: sae.rows,
    },
    misc_metrics: {
      freq_over_1_percent: over1,
      freq_over_10_percent: over10,
      normalized_freq_over_1_percent: activity1,
      normalized_freq_over_10_percent: activity10,
      average_max_encoder_cosine_sim: facts.encoderCollinearity,
      average_max_decoder_cosine_sim: facts.decoderCollinearity,
      frac_alive: density.filter((value) => value > 0).length / density.length,
    },
  };
  return {
    eval_type_id: "core",
    eval_config: config,
    eval_id: idOf([config, metrics, facts.folder]),
    datetime_epoch_millis: facts.now,
    eval_result_metrics: metrics,
    eval_result_details: [],
    eval_result_unstructured: {
      perplexity_without_sae: Math.exp(crossEntropy),
      perplexity_with_sae: Math.exp(predictions.crossEntropy),
      ce_loss_with_mean_ablation: meanAblation.crossEntropy,
      kl_div_with_mean_ablation: meanAblation.divergence,
      density_histogram: densityHistogram(density),
    },
    sae_bench_commit_hash: `concord ${facts.version}`,
    sae_lens_id: sae.name,
    sae_lens_release_id: facts.folder,
    sae_lens_version: null,
    sae_cfg_dict: {
      architecture: facts.architecture,
      d_in: facts.dIn,
      d_sae: facts.dSae,
      model_name: facts.model,
      hook_name: hook,
    },
  };
}
