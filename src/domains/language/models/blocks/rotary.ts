/**
 * @file Rotary position embedding in the half-split layout of Hugging Face checkpoints. Of the
 *   first `dim` elements of a head, element i turns together with element i + dim/2. The angle is
 *   position · f_i, f_i = theta^(−2i/dim), then rescaled as the config says (Su et
 *   al. 2021, arXiv:2104.09864).
 */

import { isObject } from "../../../../base/json.ts";
import { inlineTensor } from "../../../../formats/onnx/tensors.ts";
import type { HookedGraph } from "../hooked-graph.ts";
import { LAYER_KINDS, type LayerKind } from "../layer-kinds.ts";
import type { ModelConfig } from "../model-config.ts";

/** Far more elements than a head has. */
const DIM_MAX = 2 ** 16;

/** Tables of one model: cos and sin, both [pos, dim/2]. */
export interface RotaryTables {
  readonly dim: number;
  /** What they are made of, [dim/2]. */
  readonly frequencies: Float32Array;
  readonly cos: string;
  readonly sin: string;
}

/** Rotary settings, and the key of the config that they are under. */
export interface RotarySettings {
  readonly key: "rope_parameters" | "rope_scaling";
  readonly values: Readonly<Record<string, unknown>>;
}

function settingsUnder(config: ModelConfig, key: RotarySettings["key"]): RotarySettings {
  const values = config.raw(key) ?? {};
  if (!isObject(values)) throw config.unsupported(key, "an object was expected");
  return { key, values };
}

const isByKind = ({ values }: RotarySettings) =>
  LAYER_KINDS.some((kind) => Object.hasOwn(values, kind));

/**
 * The rotary settings that all layers share: under `rope_parameters` in newer configs, spread over
 * the top level in older ones.
 *
 * @throws {ConcordError} `model/unsupported` where kinds of layers have settings of their own.
 */
export function rotarySettings(config: ModelConfig): RotarySettings {
  const isNew = config.raw("rope_parameters") !== undefined;
  const settings = settingsUnder(config, isNew ? "rope_parameters" : "rope_scaling");
  if (isByKind(settings))
    throw config.unsupported(settings.key, "all layers of this family turn by the same angles");
  return settings;
}

/**
 * The rotary settings of one kind of layers: `rope_parameters.<kind>` in newer configs. In older
 * ones `rope_scaling` is of layers with full attention only.
 *
 * @throws {ConcordError} `model/unsupported` where settings of kinds are expected and not there.
 */
export function rotarySettingsOf(config: ModelConfig, kind: LayerKind): RotarySettings {
  if (config.raw("rope_parameters") === undefined) {
    const settings = settingsUnder(config, "rope_scaling");
    if (isByKind(settings)) throw config.unsupported("rope_scaling", "one type was expected");
    return kind === "full_attention" ? settings : { key: "rope_scaling", values: {} };
  }
  const all = settingsUnder(config, "rope_parameters");
  const values = all.values[kind] ?? {};
  if (!isObject(values) || !isByKind(all))
    throw config.unsupported(
      all.key,
      `an object was expected for each of ${LAYER_KINDS.join(", ")}`,
    );
  return { key: all.key, values };
}

/**
 * Base of the frequencies: `rope_theta` of the settings, else the first of `keys` that the config
 * has, else `fallback` (10000).
 */
export function ropeTheta(
  config: ModelConfig,
  settings: RotarySettings,
  { keys, fallback = 10000 }: { keys: readonly string[]; fallback?: number },
): number {
  const given = settings.values["rope_theta"] ?? undefined;
  if (typeof given === "number") return given;
  if (given !== undefined) throw config.unsupported(settings.key, '"rope_theta" must be a number');
  const key = keys.find((k) => config.raw(k) !== undefined);
  return key === undefined ? fallback : config.number(key);
}

/**
 * Share of a head that is rotated: `partial_rotary_factor` of the settings, else `key` of the
 * config, else `fallback`.
 */
export function rotaryShare(
  config: ModelConfig,
  settings: RotarySettings,
  key: string,
  fallback: number,
): number {
  const given = settings.values["partial_rotary_factor"];
  return typeof given === "number" ? given : config.number(key, fallback);
}

/**
 * How many elements of a head are rotated: the share of {@link rotaryShare}, rounded down.
 *
 * @throws {ConcordError} `model/unsupported` unless it is an even number from 0 to `dHead`.
 */
export function rotaryWidth(
  config: ModelConfig,
  settings: RotarySettings,
  { key, fallback }: { key: string; fallback: number },
  dHead: number,
): number {
  const width = Math.floor(dHead * rotaryShare(config, settings, key, fallback));
  if (width % 2 !== 0 || width < 0 || width > dHead)
    throw config.unsupported(
      config.raw(key) === undefined ? settings.key : key,
      `it rotates ${width} of the ${dHead} elements of a head; an even number of them was expected`,
    );
  return width;
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
export function inverseFrequencies(
  config: ModelConfig,
  { key, values }: RotarySettings,
  theta: number,
  dim: number,
): Float32Array {
  if (!(dim >= 0 && dim <= DIM_MAX) || !(theta > 0))
    throw config.unsupported(
      "rope_theta",
      `${dim} elements of a head cannot be turned with base ${theta}`,
    );
  const frequencies = Float32Array.from({ length: dim / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / dim))),
  );
  const type = values["rope_type"] ?? values["type"] ?? "default";
  const setting = (name: string): number => {
    const value = values[name];
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

/**
 * Adds the cos and sin tables for the positions of the current batch to the graph.
 *
 * @param name Name for the frequencies in the graph; models with several need several.
 */
export function rotaryTables(
  graph: HookedGraph,
  frequencies: Float32Array,
  name = "inverse_frequencies",
): RotaryTables {
  const { builder } = graph;
  const half = frequencies.length;
  const length = builder.node("Gather", [graph.tokenShape, builder.int(1)]);
  const positions = builder.node("Range", [builder.int(0), length, builder.int(1)]);
  const asFloat = builder.node("Cast", [positions], { attributes: { to: 1 } });
  const column = builder.node("Unsqueeze", [asFloat, builder.ints([1])]);
  const row = builder.initializer(inlineTensor(name, [1, half], frequencies));
  const angles = builder.node("Mul", [column, row]);
  const [cos, sin] = [builder.node("Cos", [angles]), builder.node("Sin", [angles])];
  return { dim: 2 * half, frequencies, cos, sin };
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
