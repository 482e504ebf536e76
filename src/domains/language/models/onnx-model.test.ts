import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { GraphBuilder } from "../../../formats/onnx/graph-builder.ts";
import { encodeModel } from "../../../formats/onnx/messages.ts";
import { inlineTensor, tensorValue } from "../../../formats/onnx/tensors.ts";
import { tokenBatch } from "../text/token-batch.ts";
import type { LanguageModel } from "./hooked-model.ts";
import { openOnnxModel } from "./onnx-model.ts";

const WIDTH = 6;
/** Row of each token id in the embedding table: id · 10 + column. */
const rowOf = (id: number) => Array.from({ length: WIDTH }, (_, column) => id * 10 + column);

const tokens = tokenBatch(Int32Array.of(3, 1, 4, 1, 5, 9), 2, 3);
const rows = [...tokens.ids].flatMap(rowOf);

interface Parts {
  readonly ids?: string;
  readonly dtype?: "int32" | "int64";
  readonly shape?: readonly (number | string)[];
}

/** Opens a graph that embeds its tokens, and then does what `rest` says with them. */
async function opened(
  rest: (builder: GraphBuilder, embedded: string) => void,
  { ids = "input_ids", dtype = "int64", shape = ["batch", "position"] }: Parts = {},
): Promise<LanguageModel> {
  const builder = new GraphBuilder();
  builder.input(tensorValue(ids, dtype, shape));
  const table = Float32Array.from(
    { length: 16 * WIDTH },
    (_, i) => rowOf(Math.floor(i / WIDTH))[i % WIDTH]!,
  );
  builder.initializer(inlineTensor("table", [16, WIDTH], table));
  rest(builder, builder.node("Gather", ["table", ids], { output: "embedded" }));
  const path = join(temporaryFolder(), "x.onnx");
  writeFileSync(path, encodeModel(builder.finish("test", 20)));
  return openOnnxModel(path, { threads: 1 });
}

/**
 * The mean of the embeddings of a window, at each of its tokens: what an encoder without a mask
 * would see.
 */
function mean(builder: GraphBuilder, embedded: string): void {
  const axis = builder.ints([1]);
  const average = builder.node("ReduceMean", [embedded, axis], { attributes: { keepdims: 1 } });
  const zero = builder.node("Sub", [embedded, embedded]);
  builder.output({ name: builder.node("Add", [zero, average], { output: "mean" }) });
}

const average = (ids: number[]) => rowOf(ids.reduce((a, b) => a + b, 0) / ids.length);

describe("an ONNX model", () => {
  test("needs no logits and no declared shapes", async () => {
    const model = await opened((b, x) => b.output({ name: x }));
    expect(await model.width("embedded")).toBe(WIDTH);
    expect([...(await model.activations("embedded", tokens))]).toEqual(rows);
    await expect(model.logits(tokens)).rejects.toThrow(/no output "logits".*its outputs: embedded/);
    await model.close();
  });

  test("has heads side by side in a row, whatever the order of its axes, and takes them back", async () => {
    const model = await opened((b, x) => {
      const heads = b.node("Reshape", [x, b.ints([0, 0, 2, 3])], { output: "by_position" });
      const first = b.node("Transpose", [heads], {
        output: "by_head",
        attributes: { perm: [0, 2, 1, 3] },
      });
      b.node("Transpose", [heads], { output: "keys", attributes: { perm: [0, 2, 3, 1] } });
      const back = b.node("Transpose", [first], { attributes: { perm: [0, 2, 1, 3] } });
      b.output({ name: b.node("Reshape", [back, b.ints([0, 0, WIDTH])], { output: "logits" }) });
    });
    for (const hook of ["by_position", "by_head", "keys"]) {
      expect(await model.width(hook)).toBe(WIDTH);
      expect([...(await model.activations(hook, tokens))]).toEqual(rows);
    }
    const negative = Float32Array.from(rows, (v) => -v);
    const logits = await model.spliced("by_head").logits(tokens, negative);
    expect([...logits]).toEqual([...negative]);
    const described = await model.describeHooks();
    expect(described.find(({ name }) => name === "by_head")).toEqual({
      name: "by_head",
      width: 6,
      meaning: "output of Transpose, [batch, 2, position, 3]",
    });
    await model.close();
  });

  test("hides padding behind its attention mask", async () => {
    const model = await opened((b, x) => {
      b.input(tensorValue("attention_mask", "int64", ["batch", "position"]));
      const mask = b.node("Cast", ["attention_mask"], { attributes: { to: 1 } });
      const column = b.node("Unsqueeze", [mask, b.ints([-1])]);
      const axis = b.ints([1]);
      const sum = b.node("ReduceSum", [b.node("Mul", [x, column]), axis]);
      const count = b.node("ReduceSum", [column, axis]);
      const zero = b.node("Sub", [x, x]);
      b.output({ name: b.node("Add", [zero, b.node("Div", [sum, count])], { output: "mean" }) });
    });
    const padded = { ...tokens, lengths: Int32Array.of(3, 2) };
    const means = [...(await model.activations("mean", padded))];
    expect(means.slice(0, WIDTH)[0]).toBeCloseTo(average([3, 1, 4])[0]!, 4);
    expect(means.slice(3 * WIDTH, 4 * WIDTH)).toEqual(average([1, 5]));
    await model.close();
  });

  test("without a mask never sees padding", async () => {
    const model = await opened(mean);
    const padded = { ...tokens, lengths: Int32Array.of(3, 2) };
    const means = [...(await model.activations("mean", padded))];
    expect(means.slice(3 * WIDTH, 5 * WIDTH)).toEqual([...average([1, 5]), ...average([1, 5])]);
    await model.close();
  });

  test("that takes one window, or one length, is given that", async () => {
    const one = await opened((b, x) => b.output({ name: x }), { shape: [1, "position"] });
    expect([...(await one.activations("embedded", tokens))]).toEqual(rows);
    const long = await opened(
      (b, x) => {
        b.input(tensorValue("attention_mask", "int64", ["batch", 8]));
        b.node("Identity", ["attention_mask"]);
        b.output({ name: x });
      },
      { shape: ["batch", 8] },
    );
    expect(long.facts.contextLength).toBe(8);
    expect([...(await long.activations("embedded", tokens))]).toEqual(rows);
    const blind = await opened(mean, { shape: ["batch", 8] });
    await expect(blind.activations("mean", tokens)).rejects.toThrow(
      /windows of exactly 8 tokens and no attention_mask, but a window has 3/,
    );
    for (const model of [one, long, blind]) await model.close();
  });

  test("traced with one window, whatever it declares, is run window by window", async () => {
    const model = await opened((b, x) => {
      const shape = b.node("Shape", [x], { attributes: { start: 1, end: 2 } });
      const fixed = b.node("Concat", [b.ints([1]), shape, b.ints([WIDTH])], {
        attributes: { axis: 0 },
      });
      b.output({ name: b.node("Reshape", [x, fixed], { output: "reshaped" }) });
    });
    expect([...(await model.activations("reshaped", tokens))]).toEqual(rows);
    await model.close();
  });

  test.each([
    [{ ids: "input_word_ids:0", dtype: "int32", shape: ["b", "p"] }],
    [{ ids: "tokens", shape: ["b", 1, "p"] }],
    [{ ids: "x", shape: ["p"] }],
  ] as const)("finds the token ids in %j", async (parts) => {
    const model = await opened((b, x) => b.output({ name: x }), parts);
    expect([...(await model.activations("embedded", tokens))]).toEqual(rows);
    await model.close();
  });

  test("may have logits of something else than tokens, and then ids are not bound by them", async () => {
    const model = await opened((b, x) => {
      const two = b.initializer(inlineTensor("two", [WIDTH, 2], new Float32Array(2 * WIDTH)));
      b.output({ name: b.node("MatMul", [x, two], { output: "logits" }) });
    });
    expect([...(await model.activations("embedded", tokens))]).toEqual(rows);
    await expect(model.crossEntropy(tokens)).rejects.toThrow(
      /"logits" has 2 numbers per token, fewer than there are tokens/,
    );
    await model.close();
  });

  test("can be read up to an input of unknown meaning, which is then named", async () => {
    const model = await opened((b, x) => {
      b.input(tensorValue("pixels", "float32", ["batch", 3]));
      const pixels = b.node("Unsqueeze", ["pixels", b.ints([1, 2])]);
      b.output({ name: b.node("Add", [x, b.node("ReduceMax", [pixels])], { output: "both" }) });
    });
    expect([...(await model.activations("embedded", tokens))]).toEqual(rows);
    await expect(model.activations("both", tokens)).rejects.toMatchObject({
      code: "model/unsupported",
      message: 'No value is known for the model\'s input "pixels", on which "both" depends.',
    });
    expect((await model.describeHooks()).map(({ name }) => name)).toEqual(["embedded"]);
    await model.close();
  });

  test("says of a tensor with one row per window that it is none of tokens", async () => {
    const model = await opened((b, x) => {
      const pooled = b.node("ReduceMean", [x, b.ints([1])], {
        output: "pooled",
        attributes: { keepdims: 0 },
      });
      b.output({ name: pooled });
    });
    await expect(model.width("pooled")).rejects.toThrow(
      /^"pooled" cannot be a hook: it has no row per token \(\[2, 6\] for 2 windows of 5 tokens\)\.$/,
    );
    await model.close();
  });

  test("may have brackets in the names of its tensors", async () => {
    const model = await opened((b, x) => {
      b.output({ name: b.node("Identity", [x], { output: "layer[0]/out" }) });
    });
    expect(await model.width("layer[0]/out")).toBe(WIDTH);
    await model.close();
  });
});

test("a tensor's name that holds terminal escapes reaches no terminal", async () => {
  const model = await opened((b, x) => {
    b.output({ name: b.node("Identity", [x], { output: "out\u001b[2J" }) });
  });
  await expect(model.width("out")).rejects.toMatchObject({
    hint: expect.stringContaining("out\\u001b[2J"),
  });
  await model.close();
});
