/**
 * @file Relaxed archetypal SAE: atoms are mixtures of centroids of training rows, and a little
 *   more.
 *
 *   z = TopK(ReLU(BatchNorm(x W_enc + b_enc))),  x̂ = z D,  D = (W C + Λ) · e^s
 *   L = mean (x − x̂)² + penalty · mean ((x − x̂) − TopK_{n/2}(ReLU(scores) − z) D)²
 *
 * C [m, d_in] are centroids, which stay. Rows of W [n, m] are at 0 or above and sum to 1. Rows of Λ
 * [n, d_in] are no longer than δ. After each step both are brought back to that (projected
 * gradients). W starts with ones on its diagonal, Λ and s as 0: atoms start as the first n
 * centroids.
 *
 * Fel et al. 2025 (arXiv:2502.12892), as in the program overcomplete (51cc848). We differ in three
 * points. m ≥ n is required, because further rows of W would start as zeros. b_enc starts as 0.
 * Rows may be centred (`decoder_bias`), centroids included. Brzozowski and Chung 2026
 * (arXiv:2606.02061) find that agreement between such SAEs comes from their common start: see
 * studies/archetypal.
 */

import { z } from "zod";
import { expected } from "../../errors.ts";
import {
  add,
  batchNorm,
  exponential,
  linear,
  matmul,
  meanSquaredError,
  multiply,
  relu,
  scale,
  subtract,
  topK,
} from "../../tape/library.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import {
  CENTROID_DEFAULTS,
  CENTROID_OPTIONS,
  centroidBytes,
  centroidSettings,
  centroidsOf,
} from "../init/centroids.ts";
import { geometricMedian, meanOfRows } from "../init/geometric-median.ts";
import { decoderBias, k, option } from "../options.ts";
import type { TapeInputs } from "../tape/model.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";

/** PyTorch's. */
const BATCH_NORM_EPS = 1e-5;

/** What keeps a row of W that is all zeros from being divided by zero, as in overcomplete. */
const LEAST_SUM = 1e-8;

/** Brings rows to be at 0 or above and to sum to 1. */
function projectToMixtures(values: Float32Array, columns: number): void {
  for (let at = 0; at < values.length; at += columns) {
    let sum = 0;
    for (let j = at; j < at + columns; j++) sum += Math.max(0, values[j]!);
    for (let j = at; j < at + columns; j++) values[j] = Math.max(0, values[j]!) / (sum + LEAST_SUM);
  }
}

/** Shortens rows that are longer than `most`. */
function shortenRows(most: number) {
  return (values: Float32Array, columns: number): void => {
    for (let at = 0; at < values.length; at += columns) {
      let squares = 0;
      for (let j = at; j < at + columns; j++) squares += values[j]! ** 2;
      const factor = most / Math.sqrt(squares);
      for (let j = at; factor < 1 && j < at + columns; j++) values[j]! *= factor;
    }
  };
}

interface Dictionary {
  readonly centroids: number;
  readonly delta: number;
  readonly multiplier: boolean;
  readonly projection: boolean;
}

/** D = (W C + Λ) · e^s, [d_sae, d_in]. */
function dictionary({ dIn, dSae, parameter, constant }: TapeInputs, options: Dictionary) {
  const { centroids, delta, multiplier, projection } = options;
  const W = parameter("mixture", [dSae, centroids], {
    start: "identity",
    ...(projection ? { project: projectToMixtures } : {}),
  });
  const relaxation = parameter("relaxation", [dSae, dIn], {
    ...(projection ? { project: shortenRows(delta) } : {}),
  });
  const values = new Float32Array(centroids * dIn);
  const points = constant("centroids", { shape: [centroids, dIn], values });
  const mixed = add(matmul(W, points), relaxation);
  return multiplier ? multiply(mixed, exponential(parameter("multiplier", []))) : mixed;
}

/** Scores [batch, d_sae], with what `LinearEncoder` says of them. */
function encoder(inputs: TapeInputs, x: TapeTensor, hasNorm: boolean) {
  const { dIn, dSae, parameter, statistics } = inputs;
  const weights = parameter("encoder", [dSae, dIn], { start: "linear_uniform" });
  const bias = parameter("b_enc", [dSae]);
  const scores = linear(x, weights, bias);
  if (!hasNorm) return { scores, encoder: { weights, bias } };
  const gamma = parameter("norm.gamma", [dSae], { start: 1 });
  const beta = parameter("norm.beta", [dSae]);
  const running = statistics("norm", dSae);
  const eps = BATCH_NORM_EPS;
  return {
    scores: batchNorm(scores, gamma, beta, running, { eps }),
    encoder: { weights, bias, norm: { gamma, beta, running, eps } },
  };
}

/** `archetypal`. */
export const archetypal = tapeArchitecture({
  name: "archetypal",
  summary: "TopK whose atoms are mixtures of centroids of training rows (RA-SAE)",
  source:
    "Fel et al. 2025 ([arXiv:2502.12892](https://arxiv.org/abs/2502.12892)), overcomplete (51cc848)",
  loss: "mean over batch and d_in, and an auxiliary one",
  options: {
    k,
    decoderBias,
    centroids: option(
      z.int().min(1),
      "Centroids that atoms are mixed from; d_sae at least, and where nothing is given",
    ),
    delta: option(z.number().min(0), "Greatest length of what an atom has beside its mixture"),
    multiplier: option(z.boolean(), "Whether a factor for all atoms is learnt"),
    projection: option(
      z.boolean(),
      "Whether mixtures and what is beside them are kept to their bounds; false is a control",
    ),
    encoder: option(
      z.enum(["batch_norm", "linear"]),
      "Whether scores pass a batch norm, which is folded into the encoder of the trained SAE",
    ),
    auxPenalty: option(
      z.union([z.literal(false), z.number().gt(0)]),
      "Weight of the auxiliary loss: half of the latents that were not chosen predict the residual",
    ),
    ...CENTROID_OPTIONS,
  },
  lr: 5e-4,
  startsFresh: "a saved archetypal SAE has its atoms, but not what they are mixed from",
  defaults: ({ dSae }) => ({
    k: Math.max(1, Math.floor(dSae / 10)),
    decoderBias: "none",
    centroids: dSae,
    delta: 1,
    multiplier: true,
    projection: true,
    encoder: "batch_norm",
    auxPenalty: 0.1,
    ...CENTROID_DEFAULTS,
  }),
  check({ k, centroids, centroidRows }, { dSae }) {
    if (!Number.isInteger(k) || k < 1 || k > dSae)
      throw expected("k", `an integer from 1 to d_sae (${dSae})`, k);
    if (centroids < dSae)
      throw expected(
        "centroids",
        `d_sae (${dSae}) at least, an atom each to start from,`,
        centroids,
      );
    if (centroidRows < centroids)
      throw expected("centroidRows", `centroids (${centroids}) at least`, centroidRows);
  },
  leastLatents: ({ k }) => Number(k),
  training: ({ k }) => ({ activePerRow: k }),
  start: ({ centroids: count, decoderBias, ...options }) => ({
    rows: options.centroidRows,
    async fit(x, { backend, dIn, seed: memberSeed, found, values }) {
      let centre: Float32Array | undefined;
      if (decoderBias === "mean" || decoderBias === "geometric_median") {
        const find = decoderBias === "mean" ? meanOfRows : geometricMedian;
        centre = await find(backend, x, x.length / dIn, dIn);
        values("b_dec").set(centre);
      }
      const settings = centroidSettings(options);
      const request = { x, d: dIn, count, settings, memberSeed, centre, found };
      values("centroids").set(await centroidsOf(backend, request));
    },
    bytes: (backend, { dIn: d }) =>
      centroidBytes(backend, { rows: options.centroidRows, d, count }),
  }),
  record(inputs, { k, decoderBias, encoder: kind, auxPenalty, ...options }) {
    const { x, target, dIn, dSae, parameter } = inputs;
    const decoder = dictionary(inputs, options);
    const bias = decoderBias === "none" ? undefined : parameter("b_dec", [dIn]);
    const input = bias ? subtract(x, bias) : x;
    const { scores, encoder: linearEncoder } = encoder(inputs, input, kind === "batch_norm");
    const positive = relu(scores);
    const code = topK(positive, k);
    const decoded = matmul(code, decoder);
    const reconstruction = bias ? add(decoded, bias) : decoded;
    let loss = meanSquaredError(reconstruction, target);
    if (auxPenalty !== false && dSae > 1) {
      const others = topK(subtract(positive, code), Math.floor(dSae / 2));
      const residual = subtract(target, reconstruction);
      loss = add(loss, scale(meanSquaredError(residual, matmul(others, decoder)), auxPenalty));
    }
    const selection = { kind: "topk", k, relu: true } as const;
    const own = { decoder, keepsLengths: true, encoder: linearEncoder, selection };
    return { code, reconstruction, loss, decoderBias: bias, ...own };
  },
});
