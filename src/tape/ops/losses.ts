/** @file Losses: a scalar that says how far something is from what it should be. */

import { ShapeError } from "../../errors.ts";
import { requireAxes, requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";
import { softmaxRow } from "./softmax.ts";

/** Σ penalty(x − target) · factor, in float64. */
function distance(
  where: string,
  x: TapeTensor,
  target: TapeTensor,
  factor: number,
  penalty: (difference: number) => number,
  slope: (difference: number) => number,
): TapeTensor {
  requireShape(where, "a target", target, x.shape);
  return x.tape.record([], [x, target], (out) => ({
    forward() {
      let sum = 0;
      for (let i = 0; i < x.value.length; i++) sum += penalty(x.value[i]! - target.value[i]!);
      out.value[0] = factor * sum;
    },
    backward() {
      const g = factor * out.gradient!.sum[0]!;
      const to = x.gradient?.added();
      const toTarget = target.gradient?.added();
      for (let i = 0; i < x.value.length; i++) {
        const own = g * slope(x.value[i]! - target.value[i]!);
        if (to) to[i]! += own;
        if (toTarget) toTarget[i]! -= own;
      }
    },
  }));
}

const squared = (difference: number) => difference * difference;
const doubled = (difference: number) => 2 * difference;

/** Mean over all elements of (x − target)². @throws {ShapeError} when the shapes differ. */
export function meanSquaredError(x: TapeTensor, target: TapeTensor): TapeTensor {
  return distance("meanSquaredError", x, target, 1 / x.length, squared, doubled);
}

/**
 * Mean over the rows of ‖x − target‖², the sum over the last axis. The loss of a TopK SAE.
 *
 * @throws {ShapeError} when the shapes differ.
 */
export function squaredDistance(x: TapeTensor, target: TapeTensor): TapeTensor {
  return distance("squaredDistance", x, target, 1 / x.rows, squared, doubled);
}

/** Mean over all elements of |x − target|. @throws {ShapeError} when the shapes differ. */
export function meanAbsoluteError(x: TapeTensor, target: TapeTensor): TapeTensor {
  return distance("meanAbsoluteError", x, target, 1 / x.length, Math.abs, Math.sign);
}

/** Mean over the rows of Σ|x|, the sum over the last axis: the L1 penalty of a code. */
export function l1Norm(x: TapeTensor): TapeTensor {
  const { rows } = x;
  return x.tape.record([], [x], (out) => ({
    forward() {
      let sum = 0;
      for (let i = 0; i < x.value.length; i++) sum += Math.abs(x.value[i]!);
      out.value[0] = sum / rows;
    },
    backward() {
      const g = out.gradient!.sum[0]! / rows;
      const to = x.gradient!.added();
      for (let i = 0; i < to.length; i++) to[i]! += g * Math.sign(x.value[i]!);
    },
  }));
}

/**
 * Mean over the rows of −log softmax(logits)[label].
 *
 * @param logits [rows, classes]
 * @param labels Classes, [rows]. They are read at every step and may change between two.
 * @throws {ShapeError} when there is not one label per row; at a step, when a label is not a class.
 */
export function crossEntropy(logits: TapeTensor, labels: Int32Array): TapeTensor {
  requireAxes("crossEntropy", "logits", logits, 2);
  const { tape, rows, columns } = logits;
  if (labels.length !== rows)
    throw new ShapeError("crossEntropy", `${rows} labels`, `${labels.length}`);
  return tape.record([], [logits], (out) => {
    const probabilities = tape.float32(logits.length);
    return {
      forward() {
        let sum = 0;
        for (let r = 0; r < rows; r++) {
          const label = labels[r]!;
          if (label < 0 || label >= columns)
            throw new ShapeError("crossEntropy", `labels below ${columns}`, `${label}`);
          const total = softmaxRow(logits.value, probabilities, r * columns, columns);
          sum += total - logits.value[r * columns + label]!;
        }
        out.value[0] = sum / rows;
      },
      backward() {
        const g = out.gradient!.sum[0]! / rows;
        const to = logits.gradient!.added();
        for (let r = 0, at = 0; r < rows; r++)
          for (let j = 0; j < columns; j++, at++)
            to[at]! += g * (probabilities[at]! - (j === labels[r] ? 1 : 0));
      },
    };
  });
}
