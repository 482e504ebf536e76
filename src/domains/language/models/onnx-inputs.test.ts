import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../../formats/onnx/graph-builder.ts";
import type { ValueInfoProto } from "../../../formats/onnx/messages.ts";
import { inlineTensor, tensorValue } from "../../../formats/onnx/tensors.ts";
import type { TokenBatch } from "../text/token-batch.ts";
import { type OnnxInputs, onnxInputs } from "./onnx-inputs.ts";

type Input = readonly [name: string, dtype: "int64" | "int32" | "bool" | "float32" | "float16"];

const TOKENS = ["batch", "position"];

/** What is understood of a model with these inputs. */
function understood(...inputs: readonly ValueInfoProto[]): OnnxInputs {
  const builder = new GraphBuilder();
  for (const input of inputs) builder.input(input);
  return onnxInputs(builder.finish("test", 20), "x.onnx");
}

const named = ([name, dtype]: Input, shape: readonly (number | string)[] = TOKENS) =>
  tensorValue(name, dtype, shape);
const IDS = named(["input_ids", "int64"]);

/** Two windows of three tokens; the second has one token, and padding. */
const tokens: TokenBatch = {
  ids: Int32Array.of(5, 6, 7, 8, 0, 0),
  batch: 2,
  positions: 3,
  lengths: Int32Array.of(3, 1),
};

/** Numbers and shape that an input is given. */
function given(inputs: OnnxInputs, name: string) {
  const { data, dims, type } = inputs.feeds(tokens)[name]!;
  return { type, dims, data: Array.from(data as ArrayLike<number | bigint>, Number) };
}

describe("an input of token ids", () => {
  test.each(["input_ids", "INPUT_IDS", "input_word_ids:0", "decoder_input_ids"])(
    "may be called %s",
    (name) => {
      const inputs = understood(named([name, "int64"]));
      expect(given(inputs, name)).toEqual({
        type: "int64",
        dims: [2, 3],
        data: [5, 6, 7, 8, 0, 0],
      });
      expect(inputs.unknown).toEqual([]);
    },
  );

  test("may have any name where it is the only one of integers", () => {
    const inputs = understood(named(["scale", "float32"], [1]), named(["x", "int32"]));
    expect(given(inputs, "x").data).toEqual([5, 6, 7, 8, 0, 0]);
    expect(inputs.unknown).toEqual(["scale"]);
  });

  test("is not guessed among several of integers", () => {
    const build = () => understood(named(["a", "int64"]), named(["b", "int64"]));
    expect(build).toThrow("x.onnx: no input takes token ids.");
  });

  test("is not a weight that is listed among the inputs, as old exports do", () => {
    const builder = new GraphBuilder();
    builder.input(named(["x", "int64"]));
    builder.initializer(inlineTensor("table", [4], new Float32Array(4)));
    const model = builder.finish("test", 20);
    model.graph.input.unshift(named(["table", "int64"], [4]));
    const inputs = onnxInputs(model, "x.onnx");
    expect(Object.keys(inputs.feeds(tokens))).toEqual(["x"]);
    expect(inputs.unknown).toEqual([]);
  });
});

describe("beside the token ids", () => {
  test("a mask is one where a window has tokens", () => {
    const mask = (dtype: Input[1]) =>
      given(understood(IDS, named(["attention_mask", dtype])), "attention_mask").data;
    for (const dtype of ["int64", "int32", "bool", "float32"] as const)
      expect(mask(dtype), dtype).toEqual([1, 1, 1, 1, 0, 0]);
    // The bits of 1 in half precision.
    expect(mask("float16")).toEqual([0x3c00, 0x3c00, 0x3c00, 0x3c00, 0, 0]);
  });

  test("a mask is one everywhere when all tokens are real", () => {
    const inputs = understood(IDS, named(["input_mask", "int32"]));
    const { ids, batch, positions } = tokens;
    const all = inputs.feeds({ ids, batch, positions })["input_mask"]!;
    expect([...all.data]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("positions count from 0 in every window, and token types are 0", () => {
    const inputs = understood(
      IDS,
      named(["position_ids", "int64"]),
      named(["token_type_ids", "int64"]),
    );
    expect(given(inputs, "position_ids").data).toEqual([0, 1, 2, 0, 1, 2]);
    expect(given(inputs, "token_type_ids").data).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("axes between windows and positions are one long", () => {
    const inputs = understood(IDS, named(["attention_mask", "int64"], ["b", "choices", "p"]));
    expect(given(inputs, "attention_mask").dims).toEqual([2, 1, 3]);
  });

  test("caches are empty, and switched off", () => {
    const inputs = understood(
      IDS,
      named(["past_key_values.0.key", "float32"], ["batch_size", 4, "past", 8]),
      named(["past_0", "float32"], [2, "batch", 4, "past", 8]),
      named(["use_cache_branch", "bool"], [1]),
    );
    expect(given(inputs, "past_key_values.0.key")).toMatchObject({ dims: [2, 4, 0, 8], data: [] });
    expect(given(inputs, "past_0")).toMatchObject({ dims: [2, 2, 4, 0, 8], data: [] });
    expect(given(inputs, "use_cache_branch")).toMatchObject({ dims: [1], data: [0] });
    expect(inputs.unknown).toEqual([]);
  });

  test("what has no known meaning is left without a value, and named", () => {
    const inputs = understood(IDS, named(["pixel_values", "float32"], [1, 3, 8, 8]));
    expect(inputs.unknown).toEqual(["pixel_values"]);
    expect(Object.keys(inputs.feeds(tokens))).toEqual(["input_ids"]);
  });
});

describe("what the declared shapes demand", () => {
  test.each([
    ["any windows", TOKENS, { batch: undefined, positions: undefined }],
    ["one length", ["batch", 16], { batch: undefined, positions: 16 }],
    ["four windows of eight tokens", [4, 8], { batch: 4, positions: 8 }],
    ["one window, without an axis for more", ["position"], { batch: 1, positions: undefined }],
    ["any windows, where sizes are 0", [0, 0], { batch: undefined, positions: undefined }],
  ])("%s", (_, shape, demands) => {
    const inputs = understood(named(["input_ids", "int64"], shape));
    expect(inputs.demands).toEqual({ ...demands, seesPadding: true });
  });

  test("a mask hides the padding", () => {
    const { demands } = understood(IDS, named(["attention_mask", "int64"]));
    expect(demands.seesPadding).toBe(false);
  });

  test("more tokens than anyone has are refused before memory is taken", () => {
    const build = (...shape: number[]) => understood(named(["input_ids", "int64"], shape));
    expect(() => build(2 ** 20, 2 ** 20)).toThrow(
      'x.onnx: input "input_ids" asks for [1048576, 1048576] tokens at once, which is too many.',
    );
    const cache = named(["past_0", "float32"], ["batch", 2 ** 15, 2 ** 15]);
    expect(() => understood(IDS, cache)).toThrow(
      'Input "past_0" asks for [1, 32768, 32768], which is too much to fill in.',
    );
  });
});
