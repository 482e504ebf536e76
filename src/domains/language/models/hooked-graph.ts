/**
 * @file The growing graph of a language model: nodes, weights taken from a checkpoint by name and
 *   shape, and the table of hooks. Token-wise tensors are [batch · pos, width], so that every
 *   linear layer is one matrix product with its bias fused.
 */

import { showShape } from "../../../base/tensor.ts";
import { ConcordError, FormatError } from "../../../errors.ts";
import { GraphBuilder } from "../../../formats/onnx/graph-builder.ts";
import type { ModelProto } from "../../../formats/onnx/messages.ts";
import { ELEMENT_TYPE } from "../../../formats/onnx/messages.ts";
import { externalTensor, tensorValue } from "../../../formats/onnx/tensors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { RecordedStep } from "./forward/recorded-step.ts";
import type { HookPoint, HookTable } from "./hooks.ts";

/** What is known about a model without running it. */
export interface ModelFacts {
  readonly family: string;
  readonly layers: number;
  readonly dModel: number;
  /** Width of the MLP's hidden layer. */
  readonly dMlp: number;
  readonly heads: number;
  /** Fewer than `heads` where queries share keys and values. */
  readonly keyValueHeads: number;
  readonly dHead: number;
  readonly vocabularySize: number;
  /** Most positions the model was made for. */
  readonly contextLength: number;
  /** Soft cap of the logits, where the model has one. */
  readonly logitCap?: number;
}

/** A complete graph from `input_ids` to `logits`, and its hooks. */
export interface LanguageModelGraph {
  readonly facts: ModelFacts;
  readonly model: ModelProto;
  readonly hooks: HookTable;
  /** The same as steps of the backend's forward pass, but for a cap of the logits. */
  readonly steps: readonly RecordedStep[];
}

/** Version of the standard operators used: 20 brought `Gelu`. */
const OPSET = 20;

/** Name of the graph input, int32 [batch, pos]. */
export const TOKEN_INPUT = "input_ids";

export class HookedGraph {
  readonly builder = new GraphBuilder();
  /** Token ids, int32 [batch, pos]. */
  readonly tokens: string;
  /** int64 [2]: batch and pos. */
  readonly tokenShape: string;
  readonly #checkpoint: Checkpoint;
  readonly #prefixes: readonly string[];
  readonly #points = new Map<string, HookPoint>();
  readonly #aliases = new Map<string, HookPoint>();
  readonly #absent = new Map<string, string>();
  readonly #weights = new Map<string, string>();
  readonly #steps: RecordedStep[] = [];

  /**
   * @param prefixes What the family's task models put in front of the weight names
   *   (`transformer.`), the usual one first. Checkpoints of the bare model have none, so the bare
   *   name is tried last.
   */
  constructor(checkpoint: Checkpoint, ...prefixes: readonly string[]) {
    this.#checkpoint = checkpoint;
    this.#prefixes = prefixes;
    this.tokens = this.builder.input(tensorValue(TOKEN_INPUT, "int32", ["batch", "pos"]));
    this.tokenShape = this.builder.node("Shape", [this.tokens]);
  }

  /**
   * A weight of the checkpoint as a float32 tensor, cast in the graph when it is stored in half
   * precision.
   *
   * @param name  Name below the family's prefix, or a full name.
   * @param shape What the config says it must be.
   * @throws {FormatError} when the checkpoint lacks it or has another shape.
   */
  weight(name: string, shape: readonly number[]): string {
    const cached = this.#weights.get(name);
    if (cached !== undefined) return cached;
    const { weights, folder } = this.#checkpoint;
    const stored = this.#storedName(name);
    if (stored === undefined)
      throw new FormatError(
        folder,
        `the checkpoint has no weight "${this.#prefixes[0] ?? ""}${name}" (nor "${name}")`,
      );
    const place = weights.get(stored)!;
    if (showShape(place.shape) !== showShape(shape))
      throw new FormatError(
        `${folder}, weight ${stored}`,
        `expected shape ${showShape(shape)} from config.json but found ${showShape(place.shape)}`,
      );
    if (!["float32", "float16", "bfloat16", "float64"].includes(place.dtype))
      throw new ConcordError(
        "model/unsupported",
        `${folder}, weight ${stored}: stored as ${place.dtype}; quantised checkpoints are not supported.`,
      );
    const { file, offset, byteLength } = place;
    const raw = this.builder.initializer(
      externalTensor(stored, place.dtype, shape, { location: file, offset, byteLength }),
    );
    const tensor =
      place.dtype === "float32"
        ? raw
        : this.builder.node("Cast", [raw], { attributes: { to: ELEMENT_TYPE.float32 } });
    this.#weights.set(name, tensor);
    return tensor;
  }

  /** Whether the checkpoint holds a weight. */
  hasWeight(name: string): boolean {
    return this.#storedName(name) !== undefined;
  }

  /** Records the step that makes a tensor, and returns the tensor. */
  step(step: RecordedStep): string {
    this.#steps.push(step);
    return step.out;
  }

  /** The name in the checkpoint of a weight that it holds. */
  stored(name: string): string {
    return this.#storedName(name)!;
  }

  /** The name that a weight has in the checkpoint. */
  #storedName(name: string): string | undefined {
    const { weights } = this.#checkpoint;
    const names = [...this.#prefixes.map((prefix) => prefix + name), name];
    return names.find((n) => weights.has(n));
  }

  /** Names a tensor as a hook, and returns the tensor. */
  hook(name: string, tensor: string, width: number, ...aliases: readonly string[]): string {
    this.#points.set(name, { tensor, width });
    return this.alias(tensor, width, ...aliases);
  }

  /** Gives a tensor second names only, and returns it. */
  alias(tensor: string, width: number, ...aliases: readonly string[]): string {
    for (const alias of aliases) this.#aliases.set(alias, { tensor, width });
    return tensor;
  }

  /** Records that this model has no such hook, and why. */
  withoutHook(name: string, reason: string): void {
    this.#absent.set(name, reason);
  }

  finish(facts: ModelFacts): LanguageModelGraph {
    this.builder.output(tensorValue("logits", "float32", ["tokens", facts.vocabularySize]));
    return {
      facts,
      model: this.builder.finish(facts.family, OPSET),
      hooks: { points: this.#points, aliases: this.#aliases, absent: this.#absent },
      steps: this.#steps,
    };
  }
}
