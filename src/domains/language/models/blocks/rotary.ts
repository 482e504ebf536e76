/**
 * @file Rotary position embedding in the half-split layout of Hugging Face checkpoints. Of the
 *   first `dim` elements of a head, element i turns together with element i + dim/2. The angle is
 *   position · f_i, f_i = theta^(−2i/dim), then rescaled as the config's `rope_scaling` says (Su et
 *   al. 2021, arXiv:2104.09864).
 */

import { isObject } from "../../../../base/json.ts";
import { inlineTensor } from "../../../../formats/onnx/tensors.ts";
import type { HookedGraph } from "../hooked-graph.ts";
import type { ModelConfig } from "../model-config.ts";

/** Far more elements than a head has. */
const DIM_MAX = 2 ** 16;

/** Tables of one model: cos and sin, both [pos, dim/2]. */
export interface RotaryTables {
  readonly dim: number;
  readonly cos: string;
  readonly sin: string;
}

/**
 * The rotary settings: under `rope_parameters` in newer configs, spread over the top level in older
 * ones.
 */
function settings(config: ModelConfig): Readonly<Record<string, unknown>> {
  const block = config.raw("rope_parameters") ?? config.raw("rope_scaling") ?? {};
  if (!isObject(block)) throw config.unsupported("rope_scaling", "an object was expected");
  return block;
}

/**
 * Base of the frequencies: `rope_parameters.rope_theta`, else the first of `keys` that the config
 * has, else 10000.
 */
export function ropeTheta(config: ModelConfig, keys: readonly string[]): number {
  const inBlock = settings(config)["rope_theta"];
  if (typeof inBlock === "number") return inBlock;
  const key = keys.find((k) => config.raw(k) !== undefined);
  return key === undefined ? 10000 : config.number(key);
}

/**
 * Share of a head that is rotated: `rope_parameters.partial_rotary_factor`, else `key` of the
 * config, else `fallback`.
 */
export function rotaryShare(config: ModelConfig, key: string, fallback: number): number {
  const inBlock = settings(config)["partial_rotary_factor"];
  return typeof inBlock === "number" ? inBlock : config.number(key, fallback);
}

/**
 * The inverse frequencies f_i, float32, in the arithmetic that transformers uses.
 *
 * Rescaling: none ("default"), divided by `factor` ("linear"), or Llama 3's ("llama3"). That goes
 * by wavelength λ = 2π/f against the original context c: λ < c/high stays, λ > c/low is divided by
 * `factor`, in between linearly mixed.
 *
 * @returns Float32Array [dim/2].
 * @throws {ConcordError} `model/unsupported` for any other `rope_type`.
 */
export function inverseFrequencies(config: ModelConfig, theta: number, dim: number): Float32Array {
  if (!(dim >= 0 && dim <= DIM_MAX) || !(theta > 0))
    throw config.unsupported(
      "rope_theta",
      `${dim} elements of a head cannot be turned with base ${theta}`,
    );
  const frequencies = Float32Array.from({ length: dim / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / dim))),
  );
  const block = settings(config);
  const key = config.raw("rope_parameters") === undefined ? "rope_scaling" : "rope_parameters";
  const type = block["rope_type"] ?? block["type"] ?? "default";
  const setting = (name: string): number => {
    const value = block[name];
    if (typeof value !== "number") throw config.unsupported(key, `"${name}" must be a number`);
    return value;
  };
  if (type === "default") return frequencies;
  if (type === "linear") return frequencies.map((f) => f / setting("factor"));
  if (type !== "llama3")
    throw config.unsupported(key, "only default, linear and llama3 are implemented");
  const factor = setting("factor");
  const low = setting("low_freq_factor");
  const high = setting("high_freq_factor");
  const context = setting("original_max_position_embeddings");
  return frequencies.map((f) => {
    const turns = (context * f) / (2 * Math.PI);
    if (turns > high) return f;
    if (turns < low) return f / factor;
    const mix = (turns - low) / (high - low);
    return (1 - mix) * (f / factor) + mix * f;
  });
}

/** Adds the cos and sin tables for the positions of the current batch to the graph. */
export function rotaryTables(graph: HookedGraph, frequencies: Float32Array): RotaryTables {
  const { builder } = graph;
  const half = frequencies.length;
  const length = builder.node("Gather", [graph.tokenShape, builder.int(1)]);
  const positions = builder.node("Range", [builder.int(0), length, builder.int(1)]);
  const asFloat = builder.node("Cast", [positions], { attributes: { to: 1 } });
  const column = builder.node("Unsqueeze", [asFloat, builder.ints([1])]);
  const row = builder.initializer(inlineTensor("inverse_frequencies", [1, half], frequencies));
  const angles = builder.node("Mul", [column, row]);
  return { dim: 2 * half, cos: builder.node("Cos", [angles]), sin: builder.node("Sin", [angles]) };
}

/**
 * Turns the first `dim` elements of every head.
 *
 * @param x Tensor of shape [batch, heads, pos, dHead].
 */
export function rotate(graph: HookedGraph, x: string, tables: RotaryTables, dHead: number): string {
  const { builder } = graph;
  const { dim, cos, sin } = tables;
  const sizes = dim === dHead ? [dim / 2, dim / 2] : [dim / 2, dim / 2, dHead - dim];
  const parts = sizes.map((_, i) => `${x}/rotary${i}`);
  const [first, second, rest] = builder.nodes("Split", [x, builder.ints(sizes)], parts, {
    axis: -1,
  });
  const product = (a: string, b: string) => builder.node("Mul", [a, b]);
  const turned = [
    builder.node("Sub", [product(first!, cos), product(second!, sin)]),
    builder.node("Add", [product(second!, cos), product(first!, sin)]),
  ];
  return builder.node("Concat", rest === undefined ? turned : [...turned, rest], {
    attributes: { axis: -1 },
  });
}
