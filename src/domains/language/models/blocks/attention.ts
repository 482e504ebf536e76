/**
 * @file Causal self-attention between the projections: queries, keys and values in, `hook_z` out.
 *   Queries may share keys and values in groups (grouped-query attention).
 */

import { inlineTensor } from "../../../../formats/onnx/tensors.ts";
import type { HookedGraph } from "../hooked-graph.ts";
import { type RotaryTables, rotate } from "./rotary.ts";
import { softCap } from "./soft-cap.ts";

export interface AttentionLayout {
  readonly heads: number;
  /** Divides `heads`. */
  readonly keyValueHeads: number;
  readonly dHead: number;
}

export interface AttentionInputs {
  /** [batch · pos, heads · dHead]. */
  readonly q: string;
  /** [batch · pos, keyValueHeads · dHead]. */
  readonly k: string;
  readonly v: string;
}

/** Which keys a query sees. */
export interface CausalMask {
  readonly tensor: string;
  readonly window: number | undefined;
}

/**
 * The additive causal mask of the current batch: 0 where a query may see a key, −∞ elsewhere. Query
 * i sees keys j with j ≤ i, and j > i − window where there is a window (Beltagy et al. 2020,
 * arXiv:2004.05150, §3.1).
 *
 * @returns The mask as a tensor of shape [pos, pos], and the window.
 */
export function causalMask(graph: HookedGraph, window?: number): CausalMask {
  const { builder } = graph;
  const length = builder.node("Gather", [graph.tokenShape, builder.ints([1])]);
  const square = builder.node("Concat", [length, length], { attributes: { axis: 0 } });
  const never = builder.initializer(
    inlineTensor("minus_infinity", [1, 1], Float32Array.of(Number.NEGATIVE_INFINITY)),
  );
  const filled = builder.node("Expand", [never, square]);
  const future = builder.node("Trilu", [filled, builder.int(1)], { attributes: { upper: 1 } });
  if (window === undefined) return { tensor: future, window };
  const past = builder.node("Trilu", [filled, builder.int(-window)], { attributes: { upper: 0 } });
  return { tensor: builder.node("Add", [future, past]), window };
}

/** [batch · pos, heads · dHead] → [batch, heads, pos, dHead]. */
function splitHeads(graph: HookedGraph, x: string, heads: number, dHead: number): string {
  const { builder } = graph;
  const shape = builder.node("Concat", [graph.tokenShape, builder.ints([heads, dHead])], {
    attributes: { axis: 0 },
  });
  const split = builder.node("Reshape", [x, shape]);
  return builder.node("Transpose", [split], { attributes: { perm: [0, 2, 1, 3] } });
}

export interface AttentionOptions {
  /** Factor of the scores. */
  readonly scale: number;
  /** What {@link causalMask} gave. */
  readonly mask: CausalMask;
  /** Name for the result. */
  readonly output: string;
  /** Tables by which q and k turn. */
  readonly rotary?: RotaryTables | undefined;
  /** Soft cap of the scores. */
  readonly cap?: number | undefined;
}

/**
 * z = softmax(c(scale · q kᵀ) + mask) v per head. q and k turn first where there are rotary tables;
 * c is {@link softCap} where there is a cap.
 *
 * @returns Tensor of shape [batch · pos, heads · dHead], heads side by side.
 */
export function causalAttention(
  graph: HookedGraph,
  inputs: AttentionInputs,
  layout: AttentionLayout,
  options: AttentionOptions,
): string {
  const { builder } = graph;
  const { heads, keyValueHeads, dHead } = layout;
  const group = heads / keyValueHeads;
  const { rotary } = options;
  const turned = (x: string) => (rotary ? rotate(graph, x, rotary, dHead) : x);
  let q = turned(splitHeads(graph, inputs.q, heads, dHead));
  let k = turned(splitHeads(graph, inputs.k, keyValueHeads, dHead));
  let v = splitHeads(graph, inputs.v, keyValueHeads, dHead);
  if (group > 1) {
    // [batch, kv, group, pos, d] against [batch, kv, 1, pos, d]: MatMul broadcasts, nothing is
    // copied.
    q = builder.node("Reshape", [q, builder.ints([0, keyValueHeads, group, -1, dHead])]);
    k = builder.node("Unsqueeze", [k, builder.ints([2])]);
    v = builder.node("Unsqueeze", [v, builder.ints([2])]);
  }
  const perm = group > 1 ? [0, 1, 2, 4, 3] : [0, 1, 3, 2];
  const scaled = builder.node("Mul", [q, builder.float(options.scale)]);
  const scores = builder.node("MatMul", [
    scaled,
    builder.node("Transpose", [k], { attributes: { perm } }),
  ]);
  const capped = options.cap === undefined ? scores : softCap(graph, scores, options.cap);
  const masked = builder.node("Add", [capped, options.mask.tensor]);
  const weights = builder.node("Softmax", [masked], { attributes: { axis: -1 } });
  let z = builder.node("MatMul", [weights, v]);
  if (group > 1) z = builder.node("Reshape", [z, builder.ints([0, heads, -1, dHead])]);
  const together = builder.node("Transpose", [z], { attributes: { perm: [0, 2, 1, 3] } });
  const out = builder.node("Reshape", [together, builder.ints([-1, heads * dHead])], {
    output: options.output,
  });
  return graph.step({
    kind: "attention",
    out,
    q: inputs.q,
    k: inputs.k,
    v: inputs.v,
    heads,
    keyHeads: keyValueHeads,
    scale: options.scale,
    cap: options.cap ?? 0,
    window: options.mask.window ?? 0,
    ...(rotary ? { frequencies: rotary.frequencies } : {}),
  });
}
