/** @file Batch norm over all axes but the last, which holds the channels. */

import { requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/** What batch norm uses where it does not train, [columns]; it belongs to a model. */
export interface RunningStatistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Settings of batch norm; the defaults are PyTorch's. */
export interface BatchNormOptions {
  /** Share of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Default 1e-5. */
  readonly eps?: number;
}

/**
 * γ (x − mean) / √(variance + eps) + β per channel; Ioffe and Szegedy 2015, arXiv:1502.03167.
 *
 * In the tape's mode `train` mean and variance are those of the batch, and `running` follows them,
 * with the unbiased variance. In mode `infer` they are those of `running`.
 *
 * @param gamma [columns]
 * @param beta [columns]
 * @param running Start with a mean of zeros and a variance of ones.
 * @throws {ShapeError} when γ or β does not fit.
 */
export function batchNorm(
  x: TapeTensor,
  gamma: TapeTensor,
  beta: TapeTensor,
  running: RunningStatistics,
  { momentum = 0.1, eps = 1e-5 }: BatchNormOptions = {},
): TapeTensor {
  const { tape, rows, columns } = x;
  requireShape("batchNorm", "gamma", gamma, [columns]);
  requireShape("batchNorm", "beta", beta, [columns]);
  return tape.record(x.shape, [x, gamma, beta], (out) => {
    const normal = tape.float32(x.length);
    const inverse = tape.float32(columns);
    const [mean, variance] = [new Float64Array(columns), new Float64Array(columns)];
    const [total, along] = [new Float64Array(columns), new Float64Array(columns)];
    const measure = () => {
      mean.fill(0);
      variance.fill(0);
      for (let r = 0, at = 0; r < rows; r++)
        for (let j = 0; j < columns; j++, at++) mean[j]! += x.value[at]! / rows;
      for (let r = 0, at = 0; r < rows; r++)
        for (let j = 0; j < columns; j++, at++) variance[j]! += (x.value[at]! - mean[j]!) ** 2;
      for (let j = 0; j < columns; j++) {
        const unbiased = variance[j]! / Math.max(1, rows - 1);
        variance[j]! /= rows;
        running.mean[j]! += momentum * (mean[j]! - running.mean[j]!);
        running.variance[j]! += momentum * (unbiased - running.variance[j]!);
      }
    };
    return {
      forward() {
        if (tape.mode === "train") measure();
        else {
          mean.set(running.mean);
          variance.set(running.variance);
        }
        for (let j = 0; j < columns; j++) inverse[j] = 1 / Math.sqrt(variance[j]! + eps);
        for (let r = 0, at = 0; r < rows; r++)
          for (let j = 0; j < columns; j++, at++) {
            const n = (x.value[at]! - mean[j]!) * inverse[j]!;
            normal[at] = n;
            out.value[at] = gamma.value[j]! * n + beta.value[j]!;
          }
      },
      backward() {
        const g = out.gradient!.sum;
        total.fill(0);
        along.fill(0);
        for (let r = 0, at = 0; r < rows; r++)
          for (let j = 0; j < columns; j++, at++) {
            total[j]! += g[at]!;
            along[j]! += g[at]! * normal[at]!;
          }
        const toGamma = gamma.gradient?.added();
        const toBeta = beta.gradient?.added();
        for (let j = 0; toGamma && j < columns; j++) toGamma[j]! += along[j]!;
        for (let j = 0; toBeta && j < columns; j++) toBeta[j]! += total[j]!;
        const to = x.gradient?.added();
        const share = tape.mode === "train" ? 1 / rows : 0;
        for (let r = 0, at = 0; to && r < rows; r++)
          for (let j = 0; j < columns; j++, at++)
            to[at]! +=
              gamma.value[j]! *
              inverse[j]! *
              (g[at]! - share * (total[j]! + normal[at]! * along[j]!));
      },
    };
  });
}
