/**
 * @file ReLU with a weak L1 penalty, tied, and rows of any length: the autoencoder of the project
 *   that replicated Cunningham et al.
 *
 *   z = ReLU(x Wᵀ),  x̂ = z W
 *   L = mean over batch and d_in of (x − x̂)² + α · mean over batch and d_sae of |z|
 *
 * TiedAutoencoder of fabiopapais/sparse-interpretability (0c3d19e): no biases, no row has length
 * one. Its penalty is the mean over latents too, so its α is d_sae times weaker than that of
 * `relu_tied`. W starts as Xavier's numbers times √2. Codes here are z · ‖W‖_row, so that atoms
 * have length one; reconstructions, gradients and the penalty are theirs.
 */

import { relu } from "../../tape/ops/activations.ts";
import { add, multiply, scale } from "../../tape/ops/arithmetic.ts";
import { meanSquaredError } from "../../tape/ops/losses.ts";
import { linear, matmul } from "../../tape/ops/matmul.ts";
import { absolute, square, squareRoot } from "../../tape/ops/pointwise.ts";
import { mean, sum } from "../../tape/ops/reductions.ts";
import { unitRows } from "../../tape/ops/unit-rows.ts";
import { l1 } from "../options.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";

/** `relu_tied_free`. */
export const tiedFree = tapeArchitecture({
  name: "relu_tied_free",
  summary: "ReLU, tied, atoms of any length in training (replication of sparse coding)",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)) as fabiopapais/sparse-interpretability (0c3d19e) replicates it",
  loss: "mean over the batch of the mean over d_in; the penalty is the mean over d_sae",
  options: { l1 },
  penaltyOption: "l1",
  defaults: () => ({ l1: 1e-5 }),
  record({ x, target, dIn, dSae, parameter }, options) {
    const W = parameter("decoder", [dSae, dIn], { start: "xavier_uniform_relu" });
    const z = relu(linear(x, W));
    const lengths = squareRoot(sum(square(W), 1));
    const code = multiply(z, lengths);
    const reconstruction = matmul(code, unitRows(W));
    const loss = add(
      meanSquaredError(reconstruction, target),
      scale(mean(absolute(z)), options.l1),
    );
    return { code, reconstruction, loss, decoder: W };
  },
});
