/**
 * @file Equivariant: one code for all poses of a thing, which decodes to its canonical pose. The
 *   group's matrices M^k take it from there to any other.
 *
 *   z_k = TopK(E(a_k − b)),  x̂_k = D z_k + b,  a_k ≈ M^k x̂
 *
 * For an orbit a_0 … a_{n−1} with the representative c, and mean_k over its poses:
 *
 *   L = w_rec ‖x̂_c − a_c‖²  + w_can mean_k ‖x̂_k − a_c‖²  + w_pose mean_k ‖M^k M^{−c} x̂_k − a_k‖²
 *     + w_lat mean_k ‖z_k − z_c‖²  + w_out mean_k ‖D z_k − D z_c‖²  + w_mse mean_k ‖x̂_k − a_k‖²
 *     + α AuxK (of what x̂_k leaves of a_c)
 *
 * The architecture and the names of its options are those of Erdogan and Lucic 2025
 * (arXiv:2511.09432) and of the commands that came with it. Their formulas could not be read:
 * **this loss is ours**, the one that all readings of the names are cases of (docs/symmetry.md).
 *
 *   canonical   w_can = λ_sym
 *   latent_inv  w_rec = 1, w_lat = λ_sym
 *   output_inv  w_rec = 1, w_out = λ_sym
 *
 * In all of them w_mse = λ_mse, and any weight can be given by itself.
 */

import { z } from "zod";
import { expected } from "../../errors.ts";
import { inverse } from "../../linalg/inverse.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import { add, scale } from "../../tape/ops/arithmetic.ts";
import { gather } from "../../tape/ops/gather.ts";
import { squaredDistance } from "../../tape/ops/losses.ts";
import { linear, matmul } from "../../tape/ops/matmul.ts";
import { mean } from "../../tape/ops/reductions.ts";
import { reshape, stopGradient } from "../../tape/ops/shape.ts";
import { topK } from "../../tape/ops/top-k.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import { option } from "../options.ts";
import { recordEncoder } from "../tape/encoder.ts";
import type { TapeInputs } from "../tape/model.ts";
import { fixedRepresentatives, keptRepresentatives, moved } from "../tape/orbits.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";
import {
  checkK,
  TAPE_TOPK_OPTIONS,
  tapeTopkDefaults,
  tapeTopkSections,
  tapeTopkTraining,
} from "./topk-mlp.ts";

const weight = z.number().min(0);

const WEIGHTS = {
  rec: weight.describe("Weight of ‖x̂_c − a_c‖²"),
  can: weight.describe("Weight of mean_k ‖x̂_k − a_c‖²"),
  pose: weight.describe("Weight of mean_k ‖M^k M^−c x̂_k − a_k‖²"),
  lat: weight.describe("Weight of mean_k ‖z_k − z_c‖²"),
  out: weight.describe("Weight of mean_k ‖D z_k − D z_c‖²"),
  mse: weight.describe("Weight of mean_k ‖x̂_k − a_k‖²"),
};

type Weights = Readonly<Record<keyof typeof WEIGHTS, number>>;

const optionalWeights = z.strictObject({
  rec: WEIGHTS.rec.optional(),
  can: WEIGHTS.can.optional(),
  pose: WEIGHTS.pose.optional(),
  lat: WEIGHTS.lat.optional(),
  out: WEIGHTS.out.optional(),
  mse: WEIGHTS.mse.optional(),
});

/** What only this architecture listens to. */
const OWN_OPTIONS = {
  lossType: option(
    z.enum(["canonical", "latent_inv", "output_inv"]),
    "What makes codes invariant: the target, the latents or the output",
  ),
  lambdaSym: option(weight, "λ_sym, the weight of what loss_type names"),
  lambdaMse: option(weight, "λ_mse, the weight of each pose's own reconstruction"),
  lossWeights: {
    schema: z.union([z.literal(false), optionalWeights]),
    about: "Weights of the loss, where they are not those of loss_type",
    fields: WEIGHTS,
  },
  canonical: option(
    z.enum(["fixed", "random"]),
    "Which pose stands for an orbit: the first, or one by chance that a member keeps",
  ),
  stopGradient: option(z.boolean(), "Whether z_c is held fixed where other codes approach it"),
  invariantLatents: option(
    z.enum(["after_topk", "before_topk"]),
    "Which latents w_lat compares: codes, or scores",
  ),
  groupAverage: option(
    z.boolean(),
    "Whether the encoder averages its scores over all poses of a row, M^−k x",
  ),
};

const OPTIONS = { ...TAPE_TOPK_OPTIONS, ...OWN_OPTIONS };

const NO_WEIGHTS: Weights = { rec: 0, can: 0, pose: 0, lat: 0, out: 0, mse: 0 };

/** The weights that options come to. */
export function lossWeights(options: {
  readonly lossType: "canonical" | "latent_inv" | "output_inv";
  readonly lambdaSym: number;
  readonly lambdaMse: number;
  readonly lossWeights: false | { readonly [K in keyof Weights]?: number | undefined };
}): Weights {
  const { lossType, lambdaSym, lambdaMse } = options;
  const preset = {
    canonical: { ...NO_WEIGHTS, can: lambdaSym },
    latent_inv: { ...NO_WEIGHTS, rec: 1, lat: lambdaSym },
    output_inv: { ...NO_WEIGHTS, rec: 1, out: lambdaSym },
  }[lossType];
  const given = Object.entries(options.lossWeights || {}).filter(([, v]) => v !== undefined);
  return { ...preset, mse: lambdaMse, ...Object.fromEntries(given) };
}

/** By pose, the inverse of its matrix, [size, d, d]. */
function inverses({ matrices, size }: Symmetry, d: number): Float32Array {
  const out = new Float32Array(matrices.length);
  for (let k = 0; k < size; k++)
    out.set(inverse(matrices.subarray(k * d * d, (k + 1) * d * d), d), k * d * d);
  return out;
}

/** mean_k E(M^−k x), which is the same for all poses of a thing where M is exact: ours. */
function averaged(
  { x, dIn, symmetry, constant }: TapeInputs,
  scores: (rows: TapeTensor) => TapeTensor,
): TapeTensor {
  const poses = constant(
    "inverse_poses",
    symmetry && { shape: [symmetry.size * dIn, dIn], values: inverses(symmetry, dIn) },
  );
  const size = poses.rows / dIn;
  const all = scores(reshape(linear(x, poses), [x.rows * size, dIn]));
  return mean(reshape(all, [x.rows, size, all.columns]), 1);
}

/** `equivariant`. */
export const equivariant = tapeArchitecture({
  name: "equivariant",
  summary: "One code for all poses of a thing; atoms in its canonical pose, nonlinear encoder",
  source:
    "Erdogan and Lucic 2025 ([arXiv:2511.09432](https://arxiv.org/abs/2511.09432)), names of its commands' flags; the loss is ours",
  loss: "weighted sum of means over orbits and poses, each the sum over its last axis",
  lr: 5e-4,
  needsOrbits: true,
  reconstructs: "the canonical pose of a row",
  options: OPTIONS,
  defaults: (shape) => ({
    ...tapeTopkDefaults(shape),
    k: 4,
    lossType: "latent_inv",
    lambdaSym: 1,
    lambdaMse: 0,
    lossWeights: false,
    canonical: "fixed",
    stopGradient: false,
    invariantLatents: "after_topk",
    groupAverage: false,
  }),
  sections: tapeTopkSections,
  leastLatents: ({ k }) => Number(k),
  check(options, shape) {
    checkK(options, shape);
    const weights = lossWeights(options);
    if (Object.values(weights).every((w) => w === 0))
      throw expected("lossWeights", "a weight above 0 for at least one term of the loss", weights);
  },
  training: tapeTopkTraining,
  record(inputs, options) {
    const { x, dIn, dSae, symmetry, parameter } = inputs;
    const { k, groupAverage } = options;
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal", unitRows: true });
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const encoder = recordEncoder(inputs, options, decoderBias);
    const scores = groupAverage ? averaged(inputs, encoder.scores) : encoder.scores(x);
    const code = topK(scores, k);
    const output = matmul(code, decoder);
    const reconstruction = add(output, decoderBias);
    const selection = { kind: "topk", k, relu: true } as const;
    const model = { code, scores, reconstruction, decoder, decoderBias, selection };
    const linearEncoder = groupAverage ? undefined : encoder.linear;
    const whole = linearEncoder ? { ...model, encoder: linearEncoder } : model;
    if (!symmetry) return { ...whole, loss: squaredDistance(reconstruction, x) };

    const { size, matrices } = symmetry;
    const { rows, repeated, poses } =
      options.canonical === "fixed"
        ? fixedRepresentatives(x, size)
        : keptRepresentatives(x, size, inputs.seed);
    const aim = gather(x, repeated);
    const ofCanonical = (all: TapeTensor) =>
      gather(options.stopGradient ? stopGradient(all) : all, repeated);
    const latents = options.invariantLatents === "after_topk" ? code : scores;
    const poseOf = Int32Array.from({ length: x.rows }, (_, i) => i % size);
    const posed = () => {
      const upright =
        options.canonical === "fixed"
          ? reconstruction
          : moved(reconstruction, inverses(symmetry, dIn), poses);
      return moved(upright, matrices, poseOf);
    };
    const terms: Readonly<Record<keyof Weights, () => TapeTensor>> = {
      rec: () => squaredDistance(gather(reconstruction, rows), gather(x, rows)),
      can: () => squaredDistance(reconstruction, aim),
      pose: () => squaredDistance(posed(), x),
      lat: () => squaredDistance(latents, ofCanonical(latents)),
      out: () => squaredDistance(output, ofCanonical(output)),
      mse: () => squaredDistance(reconstruction, x),
    };
    const weights = Object.entries(lossWeights(options)).filter(([, w]) => w > 0);
    const [first, ...others] = weights.map(([name, w]) => scale(terms[name as keyof Weights](), w));
    const loss = others.reduce((sum, term) => add(sum, term), first!);
    return { ...whole, loss, aim };
  },
});
