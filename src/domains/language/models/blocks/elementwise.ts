/** @file Sums and products of two tensors of one shape, element by element. */

import type { HookedGraph } from "../hooked-graph.ts";

const pairwise =
  (opType: "Add" | "Mul", kind: "add" | "multiply") =>
  (graph: HookedGraph, a: string, b: string, output?: string): string => {
    const out = graph.builder.node(opType, [a, b], output === undefined ? {} : { output });
    return graph.step({ kind, out, a, b });
  };

/** a + b. */
export const add = pairwise("Add", "add");

/** a · b. */
export const multiply = pairwise("Mul", "multiply");
