/**
 * @file The hooks of one transformer block, under their TransformerLens names and the module names
 *   of the checkpoint's family.
 */

import type { HookedGraph } from "./hooked-graph.ts";

export class BlockHooks {
  readonly #graph: HookedGraph;
  readonly #layer: number;
  readonly #modules: readonly string[];

  /** @param modules Names of the block's module, such as `transformer.h.3` and `h.3`. */
  constructor(graph: HookedGraph, layer: number, modules: readonly string[]) {
    this.#graph = graph;
    this.#layer = layer;
    this.#modules = modules;
  }

  /** Canonical name of a hook of this block, which is also the name of its tensor. */
  name(hook: string): string {
    return `blocks.${this.#layer}.${hook}`;
  }

  /** Module names of a part of the block; "" is the block itself. */
  modules(...parts: readonly string[]): string[] {
    return parts.flatMap((part) => this.#modules.map((module) => module + part));
  }

  /**
   * Names a tensor as a hook of this block. @param parts Parts of the module whose output it is.
   */
  record(hook: string, tensor: string, width: number, ...parts: readonly string[]): string {
    return this.#graph.hook(this.name(hook), tensor, width, ...this.modules(...parts));
  }

  /** Records that attention and MLP of this block run in parallel, without a stream in between. */
  runsInParallel(): void {
    this.#graph.withoutHook(
      this.name("hook_resid_mid"),
      "attention and MLP run in parallel in this model, both from hook_resid_pre, so no residual stream exists between them",
    );
  }
}
