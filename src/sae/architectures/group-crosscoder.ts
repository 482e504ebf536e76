/**
 * @file Group crosscoder: one latent, and one block of the decoder for each element of the group.
 *
 *   z_j = TopK(ReLU(W_enc (a_j − b_dec) + b_enc)),  x̂_{k·j} = D_k z_j + b_k,  b_0 = b_dec
 *   L = mean_j mean_k ‖x̂_{k·j} − a_{k·j}‖² + α AuxK (of what D_0 leaves of a_j)
 *
 * After Gorton 2024 (arXiv:2410.24184), whose crosscoder decodes activations of all transformed
 * inputs from one code. The text of the paper was not at hand for the details. TopK in place of its
 * penalty, and encoding each pose j of an orbit in turn, are ours.
 *
 * To populations it is an SAE of single rows. Its dictionary is the block of the identity, whose
 * atoms have length one: what couplings pull and matching compares. The other blocks, `block_1` …,
 * have free lengths and no part in that. A saved SAE encodes rows and decodes them with the first
 * block; its folder keeps the others.
 *
 * Elements are multiplied as the source says. Where it does not, they are by their matrices: pose
 * k · j is the one whose matrix is nearest to M_k M_j.
 */

import { ConcordError } from "../../errors.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import { add, scale } from "../../tape/ops/arithmetic.ts";
import { gather } from "../../tape/ops/gather.ts";
import { squaredDistance } from "../../tape/ops/losses.ts";
import { matmul } from "../../tape/ops/matmul.ts";
import { topK } from "../../tape/ops/top-k.ts";
import { auxK, clipNorm, k } from "../options.ts";
import { recordEncoder } from "../tape/encoder.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";
import { checkK, tapeTopkDefaults, tapeTopkSections, tapeTopkTraining } from "./topk-mlp.ts";

/** What nonlinear encoders listen to, without the choice: this one is a single matrix. */
const LINEAR = {
  encoderType: "linear",
  hiddenDim: 1,
  encoderActivation: "relu",
  preEncoderBias: true,
} as const;

/**
 * Pose of k · j at [k · size + j], from the matrices.
 *
 * @throws {ConcordError} "argument/invalid" when two products would be one pose: the matrices do
 *   not act as a group.
 */
export function posesOfProducts({ matrices, size, group }: Symmetry, d: number): Int32Array {
  const of = (pose: number) => matrices.subarray(pose * d * d, (pose + 1) * d * d);
  // A vector in general position tells poses apart, as its orbit has no two points alike.
  const v = Float64Array.from({ length: d }, (_, i) => Math.sin(1 + i * i) + 0.1);
  const times = (m: Float32Array, x: Float64Array) =>
    Float64Array.from({ length: d }, (_, i) =>
      x.reduce((sum, xj, j) => sum + m[i * d + j]! * xj, 0),
    );
  const orbit = Array.from({ length: size }, (_, pose) => times(of(pose), v));
  const nearest = (x: Float64Array) => {
    const distances = orbit.map((y) => y.reduce((sum, yi, i) => sum + (yi - x[i]!) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  };
  const products = Int32Array.from({ length: size * size }, (_, at) =>
    nearest(times(of(Math.floor(at / size)), orbit[at % size]!)),
  );
  for (let pose = 0; pose < size; pose++)
    if (new Set(products.subarray(pose * size, (pose + 1) * size)).size < size)
      throw new ConcordError(
        "argument/invalid",
        `The matrices of ${group} do not act as a group: two products are nearest to one pose.`,
        { hint: "Look at them with concord symmetry; more or better orbits may help." },
      );
  return products;
}

/** `group_crosscoder`. */
export const groupCrosscoder = tapeArchitecture({
  name: "group_crosscoder",
  summary:
    "One latent with a block of the decoder for each element of the group, TopK, linear encoder",
  source:
    "Gorton 2024 ([arXiv:2410.24184](https://arxiv.org/abs/2410.24184)); TopK in place of its penalty, and a code of every pose, are ours",
  loss: "mean over the batch and the blocks of the sum over d_in",
  lr: 5e-4,
  needsOrbits: true,
  options: { k, clipNorm, auxK },
  defaults(shape) {
    const { clipNorm, auxK } = tapeTopkDefaults(shape);
    return { k: 8, clipNorm, auxK };
  },
  sections: tapeTopkSections,
  leastLatents: ({ k }) => Number(k),
  check: checkK,
  training: tapeTopkTraining,
  record(inputs, { k }) {
    const { x, dIn, dSae, symmetry, parameter, constant } = inputs;
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal", unitRows: true });
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const encoder = recordEncoder(inputs, LINEAR, decoderBias);
    const scores = encoder.scores(x);
    const code = topK(scores, k);
    const reconstruction = add(matmul(code, decoder), decoderBias);
    const given = symmetry && { shape: [1], values: Float32Array.of(symmetry.size) };
    const size = constant("poses", given).value[0]!;
    const blocks = Array.from({ length: size - 1 }, (_, i) => ({
      decoder: parameter(`block_${i + 1}`, [dSae, dIn], { start: "unit_normal" }),
      bias: parameter(`b_${i + 1}`, [dIn], { start: "mean" }),
    }));
    const selection = { kind: "topk", k, relu: true } as const;
    const model = { code, scores, reconstruction, decoder, decoderBias, selection };
    const own = squaredDistance(reconstruction, x);
    if (!symmetry) return { ...model, loss: own };
    const products = symmetry.products ?? posesOfProducts(symmetry, dIn);
    const terms = blocks.map((block, i) => {
      const rows = Int32Array.from({ length: x.rows }, (_, row) => {
        const pose = row % size;
        return row - pose + products[(i + 1) * size + pose]!;
      });
      return squaredDistance(add(matmul(code, block.decoder), block.bias), gather(x, rows));
    });
    const loss = scale(
      terms.reduce((sum, term) => add(sum, term), own),
      1 / size,
    );
    return { ...model, loss };
  },
});
