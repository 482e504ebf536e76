import { describe, expect, test } from "vitest";
import { GGUF_BLOCK_TYPES } from "../../../formats/gguf/block-types.ts";
import type { GgufHeader, GgufTensor } from "../../../formats/gguf/gguf-header.ts";
import { deinterleaved, ggufWeights } from "./gguf-weights.ts";

const SIZES = { layers: 2, dModel: 8, heads: 4, keyValueHeads: 2, dHead: 2 };

const header = (shapes: Readonly<Record<string, readonly number[]>>): GgufHeader => ({
  version: 3,
  metadata: new Map(),
  tensors: new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { name, shape, type: GGUF_BLOCK_TYPES[0] } as unknown as GgufTensor,
    ]),
  ),
});

const read = (shapes: Readonly<Record<string, readonly number[]>>) =>
  ggufWeights(header(shapes), SIZES, "m.gguf");

describe("a tensor has its name in the checkpoint", () => {
  test.each([
    ["token_embd.weight", "model.embed_tokens.weight"],
    ["output_norm.weight", "model.norm.weight"],
    ["output.weight", "lm_head.weight"],
    ["blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"],
    ["blk.1.attn_v.weight", "model.layers.1.self_attn.v_proj.weight"],
    ["blk.12.attn_output.weight", "model.layers.12.self_attn.o_proj.weight"],
    ["blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"],
    ["blk.0.ffn_gate.weight", "model.layers.0.mlp.gate_proj.weight"],
    ["blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"],
    ["blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"],
  ])("%s is %s", (name, wanted) => {
    const weights = read({ [name]: [8, 8] });
    expect([...weights.keys()]).toEqual([wanted]);
    expect(weights.get(wanted)!.interleavedHeads).toBeUndefined();
  });

  test("queries have the rows of all heads interleaved, keys those of their own", () => {
    const weights = read({ "blk.3.attn_q.weight": [8, 8], "blk.3.attn_k.weight": [4, 8] });
    expect(weights.get("model.layers.3.self_attn.q_proj.weight")!.interleavedHeads).toBe(4);
    expect(weights.get("model.layers.3.self_attn.k_proj.weight")!.interleavedHeads).toBe(2);
  });
});

describe("a tensor that is not known is refused by name", () => {
  test.each([
    "rope_freqs.weight",
    "blk.0.attn_q.bias",
    "blk.0.ffn_gate_exps.weight",
    "blk.x.attn_q.weight",
    "blk.0.attn_q.weight.scale",
    "blk.0.constructor.weight",
    "constructor",
    "toString",
  ])("%s", (name) => {
    expect(() => read({ [name]: [8, 8] })).toThrow(
      expect.objectContaining({
        code: "model/unsupported",
        message: `m.gguf has tensors that are not known here: ${name}.`,
      }),
    );
  });

  test("all of them at once", () => {
    const shapes = { "a.weight": [1], "token_embd.weight": [1], "b.weight": [1] };
    expect(() => read(shapes)).toThrow("not known here: a.weight, b.weight.");
  });
});

test("rows that do not fit the heads are refused with both numbers", () => {
  expect(() => read({ "blk.0.attn_q.weight": [6, 8] })).toThrow(
    "m.gguf: the tensor blk.0.attn_q.weight has 6 rows, but 4 heads of 2 have 8.",
  );
  expect(() => read({ "blk.0.attn_k.weight": [8, 8] })).toThrow("2 heads of 2 have 4.");
});

describe("interleaved rows", () => {
  test("row 2i + s of a head becomes row i + s d/2", () => {
    // Two heads of four rows, each row two columns that name it.
    const rows = Float32Array.from({ length: 16 }, (_, at) => Math.floor(at / 2));
    expect(Array.from(deinterleaved(rows, 2, 2))).toEqual(
      [0, 2, 1, 3, 4, 6, 5, 7].flatMap((row) => [row, row]),
    );
  });

  test("heads of two rows stay as they are", () => {
    const rows = Float32Array.from({ length: 12 }, (_, i) => i);
    expect(deinterleaved(rows, 2, 3)).toEqual(rows);
  });

  test("are those that turn the same pairs: the dot product of two turned heads is kept", () => {
    const d = 6;
    const q = Float32Array.of(1, 2, 3, 4, 5, 6);
    const k = Float32Array.of(-2, 0.5, 1, 3, -1, 2);
    const angle = (i: number) => 0.3 * (i + 1);
    // llama.cpp turns elements 2i and 2i + 1, Hugging Face i and i + d/2.
    const turned = (v: Float32Array, pair: (i: number) => readonly [number, number]) => {
      const out = new Float64Array(d);
      for (let i = 0; i < d / 2; i++) {
        const [x, y] = pair(i);
        out[x] = v[x]! * Math.cos(angle(i)) - v[y]! * Math.sin(angle(i));
        out[y] = v[x]! * Math.sin(angle(i)) + v[y]! * Math.cos(angle(i));
      }
      return out;
    };
    const dot = (a: Float64Array, b: Float32Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    const theirs = dot(
      turned(q, (i) => [2 * i, 2 * i + 1]),
      k,
    );
    const ours = dot(
      turned(deinterleaved(q, 1, 1), (i) => [i, i + d / 2]),
      deinterleaved(k, 1, 1),
    );
    expect(ours).toBeCloseTo(theirs, 6);
  });
});
