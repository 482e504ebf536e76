import { expect, test } from "vitest";
import { type CoreFacts, coreJson } from "./core-json.ts";
import type { SplicedSae, SpliceEvaluation } from "./splice-saes.ts";

const FACTS: CoreFacts = {
  model: "gpt2",
  text: ["a.txt", "b.txt"],
  context: 128,
  dIn: 2,
  dSae: 5,
  architecture: "topk",
  folder: "runs/a/saes/0",
  encoderCollinearity: 0.25,
  decoderCollinearity: 0.5,
  version: "1.2.3",
  now: 1_700_000_000_000,
};

const EVALUATION: SpliceEvaluation = {
  hook: "blocks.0.hook_resid_post",
  tokens: 90,
  crossEntropy: 2,
  zeroAblation: { crossEntropy: 10, divergence: 8 },
  meanAblation: { crossEntropy: 6, divergence: 4 },
  rows: {
    mean: new Float32Array(2),
    variance: new Float64Array(2),
    isOutlier: Uint8Array.of(1, 0, 1, 0),
    outliers: 2,
    medianNorm: 1,
  },
  passed: [7],
  saes: [],
};

const SAE: SplicedSae = {
  name: "0",
  predictions: { crossEntropy: 4, divergence: 2 },
  recovered: 0.75,
  rows: 88,
  fvu: 0.125,
  mse: 0.5,
  cosine: 0.9,
  normIn: 5,
  normOut: 4,
  normRatio: 0.8,
  bias: 0.95,
  l0: 3,
  l1: 6,
  density: Float32Array.of(0, 0.01, 0.0625, 0.125, 0.5),
};

const made = (sae: Partial<SplicedSae> = {}, facts: Partial<CoreFacts> = {}) =>
  coreJson(EVALUATION, { ...SAE, ...sae }, { ...FACTS, ...facts });

test("scores go from 0, as bad as zeros, to 1, no change", () => {
  const { eval_result_metrics: metrics } = made();
  expect(metrics.model_behavior_preservation).toEqual({
    kl_div_score: 0.75,
    kl_div_with_ablation: 8,
    kl_div_with_sae: 2,
  });
  expect(metrics.model_performance_preservation).toEqual({
    ce_loss_score: 0.75,
    ce_loss_with_ablation: 10,
    ce_loss_with_sae: 4,
    ce_loss_without_sae: 2,
  });
  const score = (divergence: number) =>
    made({ predictions: { crossEntropy: 2, divergence } }).eval_result_metrics
      .model_behavior_preservation.kl_div_score;
  expect([score(0), score(8)]).toEqual([1, 0]);
});

test("reconstruction, shrinkage, sparsity and tokens are those of the SAE", () => {
  const { eval_result_metrics: metrics } = made();
  expect(metrics.reconstruction_quality).toEqual({
    explained_variance: 0.875,
    mse: 0.5,
    cossim: 0.9,
  });
  expect(metrics.shrinkage).toEqual({
    l2_norm_in: 5,
    l2_norm_out: 4,
    l2_ratio: 0.8,
    relative_reconstruction_bias: 0.95,
  });
  expect(metrics.sparsity).toEqual({ l0: 3, l1: 6 });
  expect(metrics.token_stats).toEqual({
    total_tokens_eval_reconstruction: 90,
    total_tokens_eval_sparsity_variance: 88,
  });
});

test("frequent latents are those above a share of the rows, by number and by activity", () => {
  const { misc_metrics: misc } = made({
    density: Float32Array.of(0, 0.0078125, 0.0625, 0.125, 0.5),
  }).eval_result_metrics;
  const total = 0.0078125 + 0.0625 + 0.125 + 0.5;
  expect(misc.freq_over_1_percent).toBeCloseTo(3 / 5, 12);
  expect(misc.freq_over_10_percent).toBeCloseTo(2 / 5, 12);
  expect(misc.normalized_freq_over_1_percent).toBeCloseTo((total - 0.0078125) / total, 6);
  expect(misc.normalized_freq_over_10_percent).toBeCloseTo(0.625 / total, 6);
  expect(misc.frac_alive).toBeCloseTo(4 / 5, 12);
  expect(misc.average_max_encoder_cosine_sim).toBe(0.25);
  expect(misc.average_max_decoder_cosine_sim).toBe(0.5);
});

test("an SAE that never fires has no share of frequent latents, rather than no number", () => {
  const { misc_metrics: misc } = made({ density: new Float32Array(5) }).eval_result_metrics;
  expect(misc).toMatchObject({ normalized_freq_over_1_percent: 0, frac_alive: 0 });
  expect(misc.normalized_freq_over_10_percent).toBe(0);
});

test("the config says what was passed through, and which rows were left as they are", () => {
  expect(made().eval_config).toEqual({
    model_name: "gpt2",
    hook_name: "blocks.0.hook_resid_post",
    dataset: ["a.txt", "b.txt"],
    context_size: 128,
    ablation: "zero",
    passed_dimensions: [7],
    outlier_rows_kept: 2,
  });
});

test("the histogram of densities has dead latents apart", () => {
  const { density_histogram: found } = made().eval_result_unstructured;
  expect(found.log10_edges).toHaveLength(21);
  expect([found.log10_edges[0], found.log10_edges[20]]).toEqual([-5, 0]);
  expect(found.counts.reduce((sum, n) => sum + n, 0)).toBe(4);
  // 0.0625 lies between 10^-1.25 and 10^-1, 0.5 between 10^-0.5 and 10^-0.25.
  expect([found.counts[15], found.counts[18], found.dead]).toEqual([1, 1, 1]);
});

test("the id is a UUID of the content: the moment and the version do not change it", () => {
  const { eval_id: id } = made();
  expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(made({}, { now: 0, version: "2" }).eval_id).toBe(id);
  for (const [sae, facts] of [
    [{ l0: 4 }, {}],
    [{}, { folder: "runs/b/saes/0" }],
    [{}, { context: 64 }],
    [{}, { text: "a.txt" }],
  ] as const)
    expect(made(sae, facts).eval_id).not.toBe(id);
});

test("the rest names the SAE and its program, and adds what SAEBench lacks", () => {
  const json = made();
  expect(json).toMatchObject({
    eval_type_id: "core",
    datetime_epoch_millis: 1_700_000_000_000,
    eval_result_details: [],
    sae_bench_commit_hash: "concord 1.2.3",
    sae_lens_id: "0",
    sae_lens_release_id: "runs/a/saes/0",
    sae_lens_version: null,
    sae_cfg_dict: { architecture: "topk", d_in: 2, d_sae: 5, model_name: "gpt2" },
  });
  expect(json.eval_result_unstructured.perplexity_without_sae).toBeCloseTo(Math.exp(2), 10);
  expect(json.eval_result_unstructured.perplexity_with_sae).toBeCloseTo(Math.exp(4), 10);
  expect(json.eval_result_unstructured.ce_loss_with_mean_ablation).toBe(6);
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});
