import { describe, expect, test } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import { decodeModel, encodeModel, toNumber } from "./messages.ts";
import { declaredShape, dtypeOf, externalTensor, inlineTensor, tensorValue } from "./tensors.ts";

const withInput = () => {
  const builder = new GraphBuilder();
  builder.input(tensorValue("x", "float32", ["batch", 3]));
  return builder;
};

describe("a graph", () => {
  test("keeps attributes of every kind in its bytes", () => {
    const builder = withInput();
    const sum = builder.node("Add", ["x", builder.float(0.5)]);
    builder.node("LayerNormalization", [sum], {
      output: "y",
      attributes: { axis: -1, epsilon: { float: 0.25 }, perm: [0, 2, 1], mode: "linear" },
    });
    builder.output(tensorValue("y", "float32", ["batch", 3]));
    const read = decodeModel(encodeModel(builder.finish("test", 20)));
    expect(read.graph.node.map((n) => [n.opType, n.input, n.output])).toEqual([
      ["Add", ["x", "float:0.5"], [sum]],
      ["LayerNormalization", [sum], ["y"]],
    ]);
    const [axis, epsilon, perm, mode] = read.graph.node[1]!.attribute;
    expect(toNumber(axis!.i!)).toBe(-1);
    expect(epsilon!.f).toBe(0.25);
    expect(perm!.ints!.map(toNumber)).toEqual([0, 2, 1]);
    expect(Buffer.from(mode!.s!).toString()).toBe("linear");
    expect(toNumber(read.opsetImport[0]!.version)).toBe(20);
    expect(declaredShape(read.graph.input[0]!)).toEqual(["batch", 3]);
  });

  test("makes up names that are not taken", () => {
    const builder = withInput();
    const made = [1, 2, 3].map(() => builder.node("Neg", ["x"]));
    expect(new Set(made).size).toBe(3);
  });

  test("refuses an output that nothing makes, and a made tensor under the name of an input", () => {
    expect(() => withInput().output({ name: "y" })).toThrow("graph output");
    expect(() => withInput().node("Neg", ["x"], { output: "x" })).toThrow("tensor name");
  });

  test("takes optional inputs and outputs that are left out", () => {
    const builder = withInput();
    builder.nodes("Clip", ["x", "", "x"], ["y", ""]);
    const [node] = builder.finish("test", 20).graph.node;
    expect(node).toMatchObject({ name: "Clip:y", input: ["x", "", "x"], output: ["y", ""] });
  });
});

describe("tensors", () => {
  test.each([
    ["float32", Float32Array.of(1)],
    ["int32", Int32Array.of(1)],
    ["int64", BigInt64Array.of(1n)],
  ] as const)("have the type of their numbers: %s", (dtype, numbers) => {
    expect(dtypeOf(inlineTensor("w", [1], numbers).dataType, "w")).toBe(dtype);
  });

  test("in another file name their place in it, as text", () => {
    const at = { location: "model.safetensors", offset: 2 ** 33, byteLength: 12 };
    const tensor = externalTensor("w", "float16", [2, 3], at);
    expect(tensor).toMatchObject({ dims: [2, 3], dataLocation: 1 });
    expect(tensor.externalData).toEqual([
      { key: "location", value: "model.safetensors" },
      { key: "offset", value: "8589934592" },
      { key: "length", value: "12" },
    ]);
  });

  test("of an unknown type are refused, with the place", () => {
    expect(() => dtypeOf(8, "type of input x")).toThrow("type of input x");
  });

  test("have no shape, or one with gaps, where none is declared", () => {
    expect(declaredShape({ name: "x" })).toBeUndefined();
    const dim = [{}, { dimParam: "" }, { dimParam: "n" }, { dimValue: 0 }];
    const type = { tensorType: { elemType: 1, shape: { dim } } };
    expect(declaredShape({ name: "x", type })).toEqual([undefined, undefined, "n", 0]);
  });
});

test("a graph without nodes is not taken for a model", () => {
  const bytes = encodeModel(withInput().finish("x", 20));
  expect(() => decodeModel(bytes, "x.onnx")).toThrow("no graph with nodes in it");
});
