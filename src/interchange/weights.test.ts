import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { float32Tensor, type Tensor, tensor } from "../base/tensor.ts";
import { floats, inBackend, Weights } from "./weights.ts";

const matrix = () => float32Tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
const weightsOf = (tensors: Readonly<Record<string, Tensor>>) =>
  new Weights("w.safetensors", new Map(Object.entries(tensors)));

/** What a call throws. */
function thrown(call: () => unknown): { code: string; message: string; hint: string } {
  try {
    call();
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error("nothing was thrown");
}

test("a tensor is taken with its values, and a transposed one turned", () => {
  const weights = weightsOf({ W: matrix(), V: matrix() });
  expect(weights.shapeOf("W")).toEqual([2, 3]);
  expect(Array.from(weights.take("W", [2, 3]))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(Array.from(weights.takeTransposed("V", [3, 2]))).toEqual([1, 4, 2, 5, 3, 6]);
  weights.requireAllTaken("topk");
});

test.each([
  ["other numbers", [3, 2]],
  ["fewer dimensions", [6]],
  ["more dimensions", [1, 2, 3]],
])("a shape of %s is refused with both shapes", (_, shape) => {
  const error = thrown(() => weightsOf({ W: matrix() }).take("W", shape));
  expect(error.code).toBe("shape/mismatch");
  expect(error.message).toContain("w.safetensors: W");
  expect(error.message).toContain(`[${shape.join(", ")}]`);
  expect(error.message).toContain("[2, 3]");
  expect(error.hint).toContain("take both from one place");
});

test("a missing tensor is named beside those that are there", () => {
  const weights = weightsOf({ a: matrix(), b: matrix() });
  expect(weights.has("c")).toBe(false);
  for (const call of [() => weights.take("c", [1]), () => weights.shapeOf("c")])
    expect(thrown(call).message).toBe("w.safetensors: has no tensor c (it has a, b).");
});

test.each([
  ["int8", new Int8Array(6)],
  ["uint8", new Uint8Array(6)],
  ["int32", new Int32Array(6)],
] as const)("codes of %s are not taken for weights", (dtype, data) => {
  const error = thrown(() => weightsOf({ W: tensor(dtype, [2, 3], data) }).take("W", [2, 3]));
  expect(error.message).toContain(`W is of ${dtype} where weights are floating-point numbers`);
  expect(error.hint).toBe("Save it from its own program as float32.");
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "%d among the weights is refused by name, also in float64",
  (bad) => {
    const single = weightsOf({ b: float32Tensor([2], Float32Array.of(0, bad)) });
    expect(thrown(() => single.take("b", [2])).message).toContain("b holds a number that is not");
    const double = weightsOf({ b: floats(Float64Array.of(bad, 0)) });
    expect(thrown(() => double.takeWide("b", [2])).message).toContain("b holds a number that is");
    const alone = weightsOf({ t: float32Tensor([], Float32Array.of(bad)) });
    expect(thrown(() => alone.scalar("t")).message).toContain("t holds a number that is not");
  },
);

test("a float64 that is too large for float32 is refused as not finite, not rounded", () => {
  const weights = weightsOf({ b: floats(Float64Array.of(1e300)) });
  expect(() => weights.take("b", [1])).toThrow("b holds a number that is not finite");
});

test("wide numbers stay wide, and narrow ones are not widened", () => {
  const third = Float64Array.of(1 / 3);
  expect(weightsOf({ b: floats(third) }).takeWide("b", [1])).toEqual(third);
  expect(weightsOf({ b: floats(third) }).take("b", [1])).toEqual(Float32Array.from(third));
  const narrow = weightsOf({ b: floats(Float32Array.of(0.5)) }).takeWide("b", [1]);
  expect(narrow).toBeInstanceOf(Float32Array);
});

test.each([
  ["an integer", tensor("int64", [], BigInt64Array.of(12n)), 12],
  ["an int32 of one element", tensor("int32", [1], Int32Array.of(-3)), -3],
  ["a float", float32Tensor([1, 1], Float32Array.of(0.5)), 0.5],
])("one number is read from %s", (_, value, wanted) => {
  const weights = weightsOf({ k: value });
  expect(weights.scalar("k")).toBe(wanted);
  weights.requireAllTaken("topk");
});

test("one number is not read from a vector, and a missing one has a hint of its own", () => {
  const error = thrown(() => weightsOf({ k: matrix() }).scalar("k"));
  expect(error.message).toContain("Expected one number but received [2, 3]");
  expect(thrown(() => weightsOf({}).scalar("k", "Save it again.")).hint).toBe("Save it again.");
});

test("tensors that nothing took are refused by name; ignored ones and refused takes are not taken", () => {
  const weights = weightsOf({ a: matrix(), b: matrix(), c: matrix() });
  weights.ignore("b", "not there");
  thrown(() => weights.take("c", [9, 9]));
  expect(thrown(() => weights.requireAllTaken("topk")).message).toBe(
    "w.safetensors: has tensors that are not used by topk: a, c.",
  );
});

describe.each(backendNames)("on %s", (name) => {
  test("an SAE in the backend's memory is the same SAE, and a copy", () => {
    const sae = { ...madeSae("copied"), rowNormalization: "layer_norm" as const };
    const copy = inBackend(openNamed(name), sae);
    expect(copy).toEqual(sae);
    copy.decoder.fill(0);
    expect(sae.decoder.some((v) => v !== 0)).toBe(true);
    expect(inBackend(openNamed(name), { ...sae, decoderBias: undefined }).decoderBias).toBe(
      undefined,
    );
  });
});
