/** @file Layer norm over the last axis. */

import { requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/**
 * γ (x − mean) / √(variance + eps) + β over the last axis of x; Ba et al. 2016, arXiv:1607.06450.
 *
 * @param gamma [columns]
 * @param beta [columns]
 * @param eps Default 1e-5, as PyTorch.
 * @throws {ShapeError} when γ or β does not fit.
 */
export function layerNorm(
  x: TapeTensor,
  gamma: TapeTensor,
  beta: TapeTensor,
  eps = 1e-5,
): TapeTensor {
  const { rows, columns } = x;
  requireShape("layerNorm", "gamma", gamma, [columns]);
  requireShape("layerNorm", "beta", beta, [columns]);
  return x.tape.record(x.shape, [x, gamma, beta], (out) => {
    const inverse = x.tape.float32(rows);
    const normal = x.tape.float32(x.length);
    return {
      forward() {
        for (let r = 0, at = 0; r < rows; r++, at += columns) {
          let total = 0;
          for (let j = 0; j < columns; j++) total += x.value[at + j]!;
          const mean = total / columns;
          let squares = 0;
          for (let j = 0; j < columns; j++) squares += (x.value[at + j]! - mean) ** 2;
          const scale = 1 / Math.sqrt(squares / columns + eps);
          inverse[r] = scale;
          for (let j = 0; j < columns; j++) {
            const n = (x.value[at + j]! - mean) * scale;
            normal[at + j] = n;
            out.value[at + j] = gamma.value[j]! * n + beta.value[j]!;
          }
        }
      },
      backward() {
        const g = out.gradient!.sum;
        const toGamma = gamma.gradient?.added();
        const toBeta = beta.gradient?.added();
        const to = x.gradient?.added();
        for (let r = 0, at = 0; r < rows; r++, at += columns) {
          let total = 0;
          let along = 0;
          for (let j = 0; j < columns; j++) {
            const own = g[at + j]! * gamma.value[j]!;
            total += own;
            along += own * normal[at + j]!;
            if (toGamma) toGamma[j]! += g[at + j]! * normal[at + j]!;
            if (toBeta) toBeta[j]! += g[at + j]!;
          }
          if (!to) continue;
          for (let j = 0; j < columns; j++)
            to[at + j]! +=
              inverse[r]! *
              (g[at + j]! * gamma.value[j]! - (total + normal[at + j]! * along) / columns);
        }
      },
    };
  });
}
