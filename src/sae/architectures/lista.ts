/**
 * @file LISTA: the encoder is a few steps of sparse coding with learned weights.
 *
 *   z₀ = 0,  z_{t+1} = ReLU(z_t + (x − b_dec − z_t D̂) W_tᵀ + b_t),  x̂ = z_T D̂ + b_dec
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z_T|
 *
 * Gregor and LeCun 2010, with the coupled weights of Chen et al. 2018 (arXiv:1808.10038, section
 * 3), whose step subtracts what the code already explains. We differ from both: thresholds are the
 * biases −b_t, one per latent, and codes are not negative. D̂ has rows of length one. Cunningham et
 * al. 2023 explored such an encoder with three steps; their code of it is not followed.
 */

import { z } from "zod";
import { relu } from "../../tape/ops/activations.ts";
import { add, scale, subtract } from "../../tape/ops/arithmetic.ts";
import { meanSquaredError } from "../../tape/ops/losses.ts";
import { linear, matmul } from "../../tape/ops/matmul.ts";
import { mean, sum } from "../../tape/ops/reductions.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import { l1, option } from "../options.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";

/** `lista`. */
export const lista = tapeArchitecture({
  name: "lista",
  summary: "A few learned steps of sparse coding encode, with an L1 penalty",
  source:
    "Gregor and LeCun 2010; Chen et al. 2018 ([arXiv:1808.10038](https://arxiv.org/abs/1808.10038)), coupled weights",
  loss: "mean over the batch of the mean over d_in",
  options: {
    l1,
    layers: option(z.int().min(1).max(32), "Steps of sparse coding that the encoder takes"),
  },
  penaltyOption: "l1",
  defaults: () => ({ l1: 1e-3, layers: 3 }),
  record({ x, target, dIn, dSae, parameter }, { l1, layers }) {
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal", unitRows: true });
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const centred = subtract(x, decoderBias);
    let code: TapeTensor | undefined;
    for (let t = 0; t < layers; t++) {
      const W = parameter(`W_${t}`, [dSae, dIn], { start: { copyOf: "decoder" } });
      const bias = parameter(`b_${t}`, [dSae]);
      const left = code ? subtract(centred, matmul(code, decoder)) : centred;
      const step = linear(left, W, bias);
      code = relu(code ? add(code, step) : step);
    }
    const found = code!;
    const reconstruction = add(matmul(found, decoder), decoderBias);
    const penalty = scale(mean(sum(found, 1)), l1);
    const loss = add(meanSquaredError(reconstruction, target), penalty);
    return { code: found, reconstruction, loss, decoder, decoderBias };
  },
});
