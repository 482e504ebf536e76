/** The cases of test/golden/tape: what each does on a tape, and how its inputs are called. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../../src/backend/backend.ts";
import { asFloat32, type Tensor } from "../../src/base/tensor.ts";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import * as ops from "../../src/tape/library.ts";
import { Tape } from "../../src/tape/tape.ts";
import type { TapeTensor } from "../../src/tape/tensor.ts";

const GOLDEN = join(import.meta.dirname, "../golden/tape/operations.safetensors");
const { tensors } = parseSafetensors(readFileSync(GOLDEN));

/** One tensor of the golden file. */
export function golden(name: string): Tensor {
  return tensors.get(name)!;
}

type Recording = (
  inputs: readonly TapeTensor[],
  name: string,
  integers: Int32Array,
) =>
  | TapeTensor
  | { readonly value: TapeTensor; readonly arrays: Readonly<Record<string, Float32Array>> };

interface TapeCase {
  readonly inputs: readonly string[];
  readonly record: Recording;
  /** A function of one piece only between kinks: no finite differences across them. */
  readonly integers?: string;
}

const one = (record: (x: TapeTensor) => TapeTensor, name = "x"): TapeCase => ({
  inputs: [name],
  record: ([x]) => record(x!),
});
const two = (
  record: (a: TapeTensor, b: TapeTensor) => TapeTensor,
  inputs: readonly string[] = ["a", "b"],
): TapeCase => ({ inputs, record: ([a, b]) => record(a!, b!) });
const three = (
  inputs: readonly string[],
  record: (a: TapeTensor, b: TapeTensor, c: TapeTensor) => TapeTensor,
): TapeCase => ({ inputs, record: ([a, b, c]) => record(a!, b!, c!) });
const batchNorm: TapeCase = {
  inputs: ["x", "gamma", "beta"],
  record([x, gamma, beta], name) {
    const mean = asFloat32(golden(`${name}/running_mean`)).slice();
    const variance = asFloat32(golden(`${name}/running_variance`)).slice();
    x!.tape.mode = name.endsWith("infer") ? "infer" : "train";
    const value = ops.batchNorm(x!, gamma!, beta!, { mean, variance });
    return { value, arrays: { running_mean: mean, running_variance: variance } };
  },
};
const forms = ["", "_vector", "_scalar"];

/** What every case of the file does. */
export const TAPE_CASES: Readonly<Record<string, TapeCase>> = {
  matmul: two((a, b) => ops.matmul(a, b)),
  matmul_transpose_a: two((a, b) => ops.matmul(a, b, { transposeA: true })),
  matmul_transpose_b: two((a, b) => ops.matmul(a, b, { transposeB: true })),
  matmul_transpose_both: two((a, b) => ops.matmul(a, b, { transposeA: true, transposeB: true })),
  linear: three(["input", "weight", "bias"], ops.linear),
  relu: one(ops.relu),
  gelu: one(ops.gelu),
  silu: one(ops.silu),
  tanh: one(ops.tanh),
  sigmoid: one(ops.sigmoid),
  ...Object.fromEntries(forms.map((form) => [`add${form}`, two(ops.add)])),
  ...Object.fromEntries(forms.map((form) => [`subtract${form}`, two(ops.subtract)])),
  ...Object.fromEntries(forms.map((form) => [`multiply${form}`, two(ops.multiply)])),
  divide: two(ops.divide, ["input", "other"]),
  square: one(ops.square, "input"),
  absolute: one(ops.absolute, "input"),
  exponential: one(ops.exponential, "input"),
  logarithm: one(ops.logarithm, "input"),
  square_root: one(ops.squareRoot, "input"),
  sum: one((x) => ops.sum(x)),
  mean_0: one((x) => ops.mean(x, 0)),
  sum_1: one((x) => ops.sum(x, 1)),
  mean_2: one((x) => ops.mean(x, 2)),
  softmax: one(ops.softmax),
  layer_norm: three(["x", "gamma", "beta"], ops.layerNorm),
  unit_rows: one(ops.unitRows),
  top_k: one((x) => ops.topK(x, 3)),
  gather: {
    inputs: ["x"],
    integers: "index",
    record: ([x], _, index) => ops.gather(x!, index),
  },
  permute: one((x) => ops.permute(x, [2, 0, 3, 1])),
  mean_squared_error: two(ops.meanSquaredError, ["input", "target"]),
  squared_distance: two(ops.squaredDistance, ["x", "target"]),
  mean_absolute_error: two(ops.meanAbsoluteError, ["input", "target"]),
  l1_norm: one(ops.l1Norm),
  cross_entropy: {
    inputs: ["input"],
    integers: "target",
    record: ([x], _, labels) => ops.crossEntropy(x!, labels),
  },
  conv2d: three(["x", "W", "b"], (x, W, b) => ops.conv2d(x, W, b)),
  conv2d_stride: three(["x", "W", "b"], (x, W, b) =>
    ops.conv2d(x, W, b, { stride: 2, padding: 1 }),
  ),
  conv_transpose2d: three(["x", "W", "b"], (x, W, b) => ops.convTranspose2d(x, W, b)),
  conv_transpose2d_stride: three(["x", "W", "b"], (x, W, b) =>
    ops.convTranspose2d(x, W, b, { stride: 2, padding: 1, outputPadding: 1 }),
  ),
  max_pool2d: one((x) => ops.maxPool2d(x, 2)),
  average_pool2d: one((x) => ops.averagePool2d(x, 2)),
  upsample2d: one((x) => ops.upsample2d(x, 2)),
  batch_norm_train: batchNorm,
  batch_norm_infer: batchNorm,
};

/** The names of the cases in the file. */
export const goldenNames = [...new Set([...tensors.keys()].map((name) => name.split("/")[0]!))];

/**
 * A case on a tape with its golden inputs as parameters, and the loss Σ w · value that its golden
 * gradients belong to.
 */
export function recordCase(backend: Backend, name: string) {
  const { inputs, record, integers } = TAPE_CASES[name]!;
  const tape = new Tape(backend);
  const parameters = inputs.map((input) => {
    const { shape, data } = golden(`${name}/${input}`);
    const value = backend.float32(data.length);
    value.set(data as Float32Array);
    return tape.parameter(shape, value);
  });
  const labels = integers ? (golden(`${name}/${integers}`).data as Int32Array) : new Int32Array(0);
  const recorded = record(parameters, name, labels);
  const { value, arrays } = "arrays" in recorded ? recorded : { value: recorded, arrays: {} };
  const w = tape.constant(value.shape, asFloat32(golden(`${name}/w`)));
  return { tape, inputs, parameters, value, arrays, loss: ops.sum(ops.multiply(value, w)) };
}
