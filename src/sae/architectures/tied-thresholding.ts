/**
 * @file Tied, with a soft threshold of each latent that is learnt: a ramp over the last tenth below
 *   it, and the score itself above it.
 *
 *   p = x Êᵀ + g,  θ = a²,  z = ReLU(θ + ReLU(p − θ) − 10 ReLU(θ − p)),  x̂ = z Ê
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z|
 *
 * z is 0 up to 0.9 θ, rises to θ at θ, and is p from there on. FunctionalThresholdingSAE of
 * HoagyC/sparse_coding (69c5ae0) writes it as θ (relu6(60 (p/θ − 0.9)) / 6 + ReLU(p/θ − 1)). Theirs
 * does not run, because its encoder reads a centre that is not among its parameters. Here there is
 * no centre. θ starts as 1, for rows whose scores are of that size.
 */

import { expected } from "../../errors.ts";
import { relu } from "../../tape/ops/activations.ts";
import { add, scale, subtract } from "../../tape/ops/arithmetic.ts";
import { meanSquaredError } from "../../tape/ops/losses.ts";
import { linear, matmul } from "../../tape/ops/matmul.ts";
import { square } from "../../tape/ops/pointwise.ts";
import { mean, sum } from "../../tape/ops/reductions.ts";
import { unitRows } from "../../tape/ops/unit-rows.ts";
import { l1 } from "../options.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";
import { jumpRelu } from "./jumprelu.ts";

const { initialThreshold } = jumpRelu.options;

/** `relu_tied_thresholding`. */
export const tiedThresholding = tapeArchitecture({
  name: "relu_tied_thresholding",
  summary: "Tied, with a ramp up to a threshold that is learnt, and an L1 penalty",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), sparse_coding's FunctionalThresholdingSAE (69c5ae0)",
  loss: "mean over the batch of the mean over d_in",
  options: { l1, initialThreshold },
  penaltyOption: "l1",
  defaults: () => ({ l1: 1e-3, initialThreshold: 1 }),
  check({ initialThreshold }) {
    if (!(initialThreshold > 0))
      throw expected("initialThreshold", "a number above 0, where it can learn", initialThreshold);
  },
  record({ x, target, dIn, dSae, parameter }, options) {
    const W = parameter("decoder", [dSae, dIn], { start: "xavier_uniform" });
    const a = parameter("scale", [dSae], { start: Math.sqrt(options.initialThreshold) });
    const gain = parameter("gain", [dSae]);
    const atoms = unitRows(W);
    const p = linear(x, atoms, gain);
    // One threshold per row: above it the parts of its gradient are then exactly each other's
    // negative. Adam would enlarge what rounding leaves of two sums.
    const threshold = add(scale(p, 0), square(a));
    const above = subtract(p, threshold);
    const bent = subtract(relu(above), scale(relu(scale(above, -1)), 10));
    const code = relu(add(bent, threshold));
    const reconstruction = matmul(code, atoms);
    const penalty = scale(mean(sum(code, 1)), options.l1);
    const loss = add(meanSquaredError(reconstruction, target), penalty);
    return { code, reconstruction, loss, decoder: W };
  },
});
