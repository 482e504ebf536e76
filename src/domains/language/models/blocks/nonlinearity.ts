/** @file The MLP nonlinearities by the names that Hugging Face configs use. */

import { FORWARD_ACTIVATION } from "../../../../backend/backend.ts";
import type { HookedGraph } from "../hooked-graph.ts";
import type { ModelConfig } from "../model-config.ts";

/** Adds a nonlinearity to a graph, and returns the name of its result. */
export type Nonlinearity = (graph: HookedGraph, x: string, output?: string) => string;

function named(output: string | undefined): { output?: string } {
  return output === undefined ? {} : { output };
}

const gelu =
  (approximate: "none" | "tanh"): Nonlinearity =>
  (graph, x, output) => {
    const attributes = { approximate };
    const out = graph.builder.node("Gelu", [x], { ...named(output), attributes });
    const activation = FORWARD_ACTIVATION[approximate === "tanh" ? "geluTanh" : "gelu"];
    return graph.step({ kind: "activate", out, a: x, activation });
  };

const silu: Nonlinearity = (graph, x, output) => {
  const { builder } = graph;
  const out = builder.node("Mul", [x, builder.node("Sigmoid", [x])], named(output));
  return graph.step({ kind: "activate", out, a: x, activation: FORWARD_ACTIVATION.silu });
};

const relu: Nonlinearity = (graph, x, output) => {
  const out = graph.builder.node("Relu", [x], named(output));
  return graph.step({ kind: "activate", out, a: x, activation: FORWARD_ACTIVATION.relu });
};

const NONLINEARITIES: Readonly<Record<string, Nonlinearity>> = {
  gelu: gelu("none"),
  gelu_new: gelu("tanh"),
  gelu_fast: gelu("tanh"),
  gelu_pytorch_tanh: gelu("tanh"),
  silu,
  swish: silu,
  relu,
};

/**
 * The nonlinearity that a config names under `key`.
 *
 * gelu is x Φ(x); gelu_new, gelu_fast and gelu_pytorch_tanh are its tanh approximation 0.5 x (1 +
 * tanh(√(2/π)(x + 0.044715 x³))); silu (swish) is x σ(x).
 *
 * @throws {ConcordError} `model/unsupported` naming the key for any other name.
 */
export function nonlinearity(config: ModelConfig, key: string, fallback: string): Nonlinearity {
  const name = config.string(key, fallback);
  if (Object.hasOwn(NONLINEARITIES, name)) return NONLINEARITIES[name]!;
  const known = Object.keys(NONLINEARITIES).join(", ");
  throw config.unsupported(key, `only ${known} are implemented`);
}
