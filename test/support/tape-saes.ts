/** SAEs recorded on a tape: two that the fused step has as well, and one that it has not. */
import type { RecordModel } from "../../src/sae/tape/model.ts";
import { TapeTrainable, type TapeTrainableOptions } from "../../src/sae/tape/tape-trainable.ts";
import type { TrainableContext } from "../../src/sae/trainable.ts";
import * as ops from "../../src/tape/library.ts";

/** z = TopK(ReLU((x − b_dec) W_enc + b_enc)), x̂ = z W_dec + b_dec, L = mean_b ‖x − x̂‖². */
export function topkModel(k: number): RecordModel {
  return ({ x, target, dIn, dSae, parameter }) => {
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal", unitRows: true });
    const weights = parameter("encoder", [dSae, dIn], { start: { copyOf: "decoder" } });
    const bias = parameter("b_enc", [dSae]);
    const decoderBias = parameter("b_dec", [dIn], { start: "geometric_median" });
    const scores = ops.linear(ops.subtract(x, decoderBias), weights, bias);
    const code = ops.topK(ops.relu(scores), k);
    const reconstruction = ops.add(ops.matmul(code, decoder), decoderBias);
    return {
      code,
      scores,
      reconstruction,
      loss: ops.squaredDistance(reconstruction, target),
      decoder,
      decoderBias,
      encoder: { weights, bias },
      selection: { kind: "topk", k, relu: true },
    };
  };
}

/** z = ReLU(x W_enc + b_enc), x̂ = z · D / ‖D‖_row, L = mean (x − x̂)² + α mean_b Σ|z|. */
export function reluModel(alpha: number): RecordModel {
  return ({ x, target, dIn, dSae, parameter }) => {
    const decoder = parameter("decoder", [dSae, dIn], { start: "xavier_uniform" });
    const weights = parameter("encoder", [dSae, dIn], { start: "xavier_uniform" });
    const bias = parameter("b_enc", [dSae]);
    const code = ops.relu(ops.linear(x, weights, bias));
    const reconstruction = ops.matmul(code, ops.unitRows(decoder));
    const penalty = ops.scale(ops.l1Norm(code), alpha);
    return {
      code,
      reconstruction,
      loss: ops.add(ops.meanSquaredError(reconstruction, target), penalty),
      decoder,
      encoder: { weights, bias },
    };
  };
}

/** An encoder of two layers, and a linear decoder. */
export function mlpModel(k: number, hidden: number): RecordModel {
  return ({ x, target, dIn, dSae, parameter, statistics }) => {
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal" });
    const W1 = parameter("W_1", [hidden, dIn], { start: "kaiming_uniform" });
    const W2 = parameter("W_2", [dSae, hidden], { start: "kaiming_uniform" });
    const gamma = parameter("gamma", [hidden], { start: 1 });
    const layer = ops.linear(x, W1, parameter("b_1", [hidden]));
    const normed = ops.batchNorm(
      layer,
      gamma,
      parameter("beta", [hidden]),
      statistics("norm", hidden),
    );
    const code = ops.topK(ops.relu(ops.linear(ops.gelu(normed), W2, parameter("b_2", [dSae]))), k);
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const reconstruction = ops.add(ops.matmul(code, ops.unitRows(decoder)), decoderBias);
    const loss = ops.squaredDistance(reconstruction, target);
    return { code, reconstruction, loss, decoder, decoderBias };
  };
}

/** A trainable with Adam as PyTorch has it. */
export function tapeTrainable(
  context: TrainableContext,
  options: Pick<
    TapeTrainableOptions,
    "name" | "dSae" | "record" | "clipNorm" | "activePerRow" | "auxK"
  >,
): TapeTrainable {
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  return new TapeTrainable(context, { adam, ...options });
}
