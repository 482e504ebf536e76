import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { openOnnxModel } from "../../../src/domains/language/models/onnx-model.ts";
import { tokenBatch } from "../../../src/domains/language/text/token-batch.ts";
import { decodeModel, encodeModel } from "../../../src/formats/onnx/messages.ts";
import { prefixUpTo } from "../../../src/formats/onnx/surgery.ts";

const PATH = resolve(import.meta.dirname, "foreign.onnx");
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, "foreign.json"), "utf8")) as {
  ids: number[];
  mixed: number[];
  logits: number[];
};
const tokens = tokenBatch(Int32Array.from(golden.ids), 2, 4);

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...expected.map((v, i) => Math.abs(v - actual[i]!)));
  expect(worst).toBeLessThan(1e-5);
}

test("a model written by the onnx package is byte for byte the same when read and written", () => {
  const bytes = readFileSync(PATH);
  expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
});

test("a foreign model's tensors are hooks, and its logits numpy's", async () => {
  const model = await openOnnxModel(PATH, { threads: 1 });
  expectClose(await model.activations("mixed", tokens), golden.mixed);
  expectClose(await model.logits(tokens), golden.logits);
  expect(await model.width("logits")).toBe(61);
  await model.close();
});

test("what a subgraph reads from outside is spliced too", async () => {
  const model = await openOnnxModel(PATH, { threads: 1 });
  const spliced = model.spliced("mixed");
  expectClose(await spliced.logits(tokens, Float32Array.from(golden.mixed)), golden.logits);
  const zeros = await spliced.logits(tokens, new Float32Array(golden.mixed.length));
  expectClose(
    zeros,
    golden.logits.map(() => 0),
  );
  await model.close();
});

test("the loss of a foreign model is log-softmax of its logits", async () => {
  const model = await openOnnxModel(PATH, { threads: 1 });
  const { perToken, count } = await model.crossEntropy(tokens);
  expect(count).toBe(6);
  const row = golden.logits.slice(0, 61);
  const normaliser = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0));
  expect(perToken[0]).toBeCloseTo(normaliser - row[golden.ids[1]!]!, 5);
  expect(perToken[3]).toBeNaN();
  await model.close();
});

test("a prefix keeps only the nodes, weights and inputs it needs", () => {
  const { graph } = prefixUpTo(decodeModel(readFileSync(PATH)), ["embedded"]);
  expect(graph.node.map((n) => n.opType)).toEqual(["Gather"]);
  expect(graph.initializer.map((t) => t.name)).toEqual(["table"]);
  expect(graph.input.map((v) => v.name)).toEqual(["input_ids"]);
  const branches = prefixUpTo(decodeModel(readFileSync(PATH)), ["curved"]).graph;
  expect(branches.node.map((n) => n.output[0])).toContain("mixed");
});

test("a tensor without a row per token is refused as a hook, with its shape", async () => {
  const model = await openOnnxModel(PATH, { threads: 1 });
  await expect(model.activations("peak", tokens)).rejects.toThrow(
    /"peak" cannot be a hook: it has no row per token \(\[\]/,
  );
  await expect(model.activations("mixd", tokens)).rejects.toMatchObject({
    code: "hook/missing",
    hint: expect.stringContaining("mixed"),
  });
  await model.close();
});
