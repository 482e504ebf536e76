import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import { decodeModel, encodeModel, type ModelProto, toNumber } from "./messages.ts";
import { exposeOutputs, prefixUpTo, spliceInput, tensorNames, valueInfoOf } from "./surgery.ts";
import { declaredShape, inlineTensor, tensorValue } from "./tensors.ts";

/** y = (x + 1) · 2, with an unrelated branch z = −w. */
function example(): ModelProto {
  const b = new GraphBuilder();
  const x = b.input(tensorValue("x", "float32", ["n"]));
  const w = b.input(tensorValue("w", "float32", ["n"]));
  const sum = b.node("Add", [x, b.float(1)], { output: "sum" });
  b.node("Mul", [sum, b.float(2)], { output: "y" });
  b.node("Neg", [w], { output: "z" });
  b.output(tensorValue("y", "float32", ["n"]));
  b.output(tensorValue("z", "float32", ["n"]));
  return b.finish("example", 20);
}

async function run(model: ModelProto, feeds: Record<string, number[]>, output: string) {
  const session = await InferenceSession.create(encodeModel(model), { intraOpNumThreads: 1 });
  const tensors = Object.entries(feeds).map(([name, v]) => [
    name,
    new Tensor("float32", Float32Array.from(v), [v.length]),
  ]);
  const results = await session.run(Object.fromEntries(tensors), [output]);
  await session.release();
  return [...(results[output]!.data as Float32Array)];
}

describe("building", () => {
  test("a built graph computes what its nodes say", async () => {
    expect(await run(example(), { x: [1, 2], w: [5, 6] }, "y")).toEqual([4, 6]);
  });

  test("attributes with the value 0 are written, not dropped", () => {
    const b = new GraphBuilder();
    const x = b.input(tensorValue("x", "float32", [1]));
    b.node("Softmax", [x], { output: "y", attributes: { axis: 0, half: { float: 0 }, perm: [0] } });
    const { attribute } = decodeModel(encodeModel(b.finish("zero", 20))).graph.node[0]!;
    expect(attribute.map((a) => Object.hasOwn(a, a.name === "axis" ? "i" : "type"))).not.toContain(
      false,
    );
    expect(toNumber(attribute[0]!.i!)).toBe(0);
  });

  test("a tensor must be made before it is read, and only once", () => {
    const b = new GraphBuilder();
    expect(() => b.node("Neg", ["nowhere"])).toThrow(/a tensor made before for input of Neg/);
    b.input(tensorValue("x", "float32", [1]));
    expect(() => b.input(tensorValue("x", "float32", [1]))).toThrow(/a name not used before/);
    expect(() => b.node("Neg", ["x"], { attributes: { axis: 0.5 } })).toThrow(/an integer/);
  });

  test("equal constants are stored once", () => {
    const b = new GraphBuilder();
    expect(b.ints([1, 2])).toBe(b.ints([1, 2]));
    expect(b.float(0.5)).not.toBe(b.float(0.25));
  });
});

describe("reading and writing", () => {
  test("a model survives encode and decode", () => {
    const model = decodeModel(encodeModel(example()));
    expect(tensorNames(model)).toEqual(["sum", "y", "z"]);
    expect(declaredShape(valueInfoOf(model, "x")!)).toEqual(["n"]);
    expect(Buffer.compare(encodeModel(model), encodeModel(example()))).toBe(0);
  });

  test("bytes that are not a model are refused by name", () => {
    const text = new TextEncoder().encode("<!doctype html><title>404</title>");
    expect(() => decodeModel(text, "m.onnx")).toThrow(/^m\.onnx: not an ONNX model/);
    expect(() => decodeModel(new Uint8Array(0), "m.onnx")).toThrow(/no graph with nodes/);
  });

  test("an initialiser's bytes are copied, not shared", () => {
    const data = Float32Array.of(1, 2);
    const tensor = inlineTensor("t", [2], data);
    data[0] = 9;
    expect(new Float32Array(tensor.rawData!.buffer)[0]).toBe(1);
  });
});

describe("surgery", () => {
  test("a prefix leaves out what its output does not need", async () => {
    const prefix = prefixUpTo(example(), ["sum"]);
    expect(prefix.graph.input.map((i) => i.name)).toEqual(["x"]);
    expect(prefix.graph.initializer.map((t) => t.name)).toEqual(["float:1"]);
    expect(await run(prefix, { x: [1, 2] }, "sum")).toEqual([2, 3]);
  });

  test("an exposed tensor leaves the whole model beside its outputs", async () => {
    const exposed = exposeOutputs(example(), ["sum", "y"]);
    expect(exposed.graph.output.map((o) => o.name)).toEqual(["y", "z", "sum"]);
    expect(await run(exposed, { x: [1, 2], w: [0, 0] }, "sum")).toEqual([2, 3]);
  });

  test("after a splice consumers read the new input and its former maker can be cut away", async () => {
    const spliced = spliceInput(example(), "sum", tensorValue("given", "float32", ["n"]));
    const suffix = prefixUpTo(spliced, ["y"]);
    expect(suffix.graph.input.map((i) => i.name)).toEqual(["given"]);
    expect(await run(suffix, { given: [10, 20] }, "y")).toEqual([20, 40]);
    expect(tensorNames(example())).toEqual(tensorNames(spliced));
  });

  test("tensors that do not exist or that nobody reads are errors", () => {
    const given = tensorValue("given", "float32", ["n"]);
    expect(() => prefixUpTo(example(), ["nope"])).toThrow(/no tensor called "nope"/);
    expect(() => spliceInput(example(), "nope", given)).toThrow(/no tensor called "nope"/);
    expect(() => spliceInput(example(), "y", given)).toThrow(/Nothing in the model reads "y"/);
  });
});
