/** @file The true features that rows are made of, kept beside the evidence, and read back. */

import { type Tensor, tensor } from "../../../base/tensor.ts";
import type { RowDescriber, RowTensors } from "../../evidence-maker.ts";
import type { RowFeatures } from "../row-features.ts";

/** Features of a row that are named, those of the largest coefficients. */
const NAMED = 4;

/**
 * Tensors of the rows that are shown:
 *
 *   rows, start                 [shown], ascending; [shown + 1]
 *   features, coefficients      those of row i from start[i] to start[i + 1]
 */
export function featureTensors(shown: Int32Array, of: RowFeatures): Map<string, Tensor> {
  const int = (data: Int32Array) => tensor("int32", [data.length], data);
  return new Map([
    ["rows", int(shown)],
    ["start", int(of.start)],
    ["features", int(of.features)],
    ["coefficients", tensor("float32", [of.coefficients.length], of.coefficients)],
  ]);
}

/** `true features 12 (0.97), 3 (0.5) and 30 more` */
function featureWords(features: ArrayLike<number>, coefficients: ArrayLike<number>): string {
  const order = Array.from(features, (feature, i) => ({ feature, value: coefficients[i]! }))
    .sort((a, b) => b.value - a.value)
    .map(({ feature, value }) => `${feature} (${value.toFixed(2)})`);
  if (order.length === 0) return "no true feature";
  const more = order.length - NAMED;
  const named = order.slice(0, NAMED).join(", ");
  return `true feature${order.length > 1 ? "s" : ""} ${named}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Says which true features a row is made of. */
export async function featureRowDescriber(tensors: RowTensors): Promise<RowDescriber> {
  const data = async (name: string) => (await tensors.read(name)).data;
  const rows = (await data("rows")) as Int32Array;
  const start = (await data("start")) as Int32Array;
  const features = (await data("features")) as Int32Array;
  const coefficients = (await data("coefficients")) as Float32Array;
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  return {
    async describe(row) {
      const number = `held-out row ${row}`;
      const i = place.get(row);
      if (i === undefined) return { where: number, group: null, pieces: [], peak: 0 };
      const [from, to] = [start[i]!, start[i + 1]!];
      const words = featureWords(features.subarray(from, to), coefficients.subarray(from, to));
      return { where: `${number}: ${words}`, group: null, pieces: [], peak: 0 };
    },
    close: async () => undefined,
  };
}
