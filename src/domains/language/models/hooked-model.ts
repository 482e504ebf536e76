/**
 * @file A language model that can be read and changed at its hooks. Every question (activations up
 *   to a hook, logits, loss, loss with a tensor replaced) gets a graph of its own, cut to what it
 *   needs.
 */

import { ConcordError } from "../../../errors.ts";
import type { ModelProto } from "../../../formats/onnx/messages.ts";
import { spliceInput } from "../../../formats/onnx/surgery.ts";
import { tensorValue } from "../../../formats/onnx/tensors.ts";
import type { Feed, FileFolders } from "../../../inference/session.ts";
import {
  COMPARED_OUTPUT,
  LOG_PROBABILITIES,
  LOSS_OUTPUT,
  withComparison,
  withCrossEntropy,
  withLogProbabilities,
} from "../evaluate/cross-entropy-graph.ts";
import type { BatchDemands } from "../text/portions.ts";
import { checkTokens, type TokenBatch } from "../text/token-batch.ts";
import type { ForwardPass } from "./forward/forward-pass.ts";
import { GraphRows, type Output, REPLACEMENT_INPUT, type Splice } from "./graph-rows.ts";
import { hookMeaning } from "./hook-meanings.ts";
import type { ModelFacts } from "./hooked-graph.ts";
import { findHook, type HookDescription, type HookTable } from "./hooks.ts";
import { type ChangedPredictions, type NextTokenLoss, summarise } from "./next-token-loss.ts";
import type { SessionOptions } from "./session-options.ts";
import { TensorShapes } from "./tensor-shapes.ts";
import { rowLayout, showLayout, type TokenLayout } from "./token-layout.ts";

/** What is known of a model; an opened ONNX file states less than a checkpoint's config. */
export type KnownFacts = Pick<ModelFacts, "family" | "contextLength"> & Partial<ModelFacts>;

/** The model with the tensor at one hook handed in from outside. */
export interface SplicedModel {
  /** @param replacement [batch · positions, width]. @returns [batch · positions, vocabulary]. */
  logits(tokens: TokenBatch, replacement: Float32Array): Promise<Float32Array>;
  /** @returns log softmax of the logits, [batch · positions, vocabulary]. */
  logProbabilities(tokens: TokenBatch, replacement: Float32Array): Promise<Float32Array>;
  /**
   * Activations at later hooks, as {@link LanguageModel.activationsAt}.
   *
   * @param replacement [batch · positions, width].
   */
  activationsAt(
    hooks: readonly string[],
    tokens: TokenBatch,
    replacement: Float32Array,
  ): Promise<Float32Array[]>;
  /** @param replacement [batch · positions, width]. */
  crossEntropy(tokens: TokenBatch, replacement: Float32Array): Promise<NextTokenLoss>;
  /**
   * @param replacement [batch · positions, width].
   * @param baseline    Log-probabilities of the unchanged model, [batch · positions, vocabulary].
   */
  compare(
    tokens: TokenBatch,
    replacement: Float32Array,
    baseline: Float32Array,
  ): Promise<ChangedPredictions>;
}

/** A model whose insides have names. */
export interface LanguageModel {
  readonly facts: KnownFacts;
  /** Windows that are computed at the same time, each on a thread of its own; 1 when left out. */
  readonly windowsAtOnce?: number | undefined;
  /** Canonical names of all hooks, in the order in which they are computed. */
  hooks(): string[];
  /**
   * Names, widths and meanings of all hooks that have one row per token; an opened ONNX file runs
   * twice to find them.
   */
  describeHooks(): Promise<HookDescription[]>;
  /**
   * Elements per token at a hook; where an ONNX file does not say, two small batches are run.
   *
   * @throws {ConcordError} `hook/missing` with the nearest names, or with the reason why the tensor
   *   has no row per token.
   */
  width(hook: string): Promise<number>;
  /**
   * Activations at a hook; only what comes before it is computed.
   *
   * @returns Float32Array [batch · positions, width], padding included.
   * @throws {ConcordError} `hook/missing`, or `argument/invalid` when a token id is out of range or
   *   the window too long.
   */
  activations(hook: string, tokens: TokenBatch): Promise<Float32Array>;
  /**
   * Activations at several hooks from one pass, in the order of `hooks`. Last digits may differ
   * from those of a hook alone, where onnxruntime joins other operators.
   *
   * @throws {ConcordError} as `activations`.
   */
  activationsAt(hooks: readonly string[], tokens: TokenBatch): Promise<Float32Array[]>;
  /** @returns [batch · positions, vocabulary]. */
  logits(tokens: TokenBatch): Promise<Float32Array>;
  /** Loss of every next token; logits are made for a few windows at a time and never kept. */
  crossEntropy(tokens: TokenBatch): Promise<NextTokenLoss>;
  /**
   * The model with the tensor at `hook` replaced; everything that does not depend on it is still
   * computed from the tokens.
   */
  spliced(hook: string): SplicedModel;
  close(): Promise<void>;
}

/** What differs between graphs built here and ONNX files opened. */
export interface HookedModelParts {
  readonly facts: KnownFacts;
  readonly model: ModelProto;
  readonly hooks: HookTable;
  /** Name of the logits tensor, or why there is none. */
  readonly logits: { readonly tensor: string } | { readonly absent: string };
  readonly demands: BatchDemands;
  readonly folders: FileFolders;
  /** What computes activations in place of the graph, where it does. */
  readonly forward?: ForwardPass | undefined;
  /** Values for every input that the model may have. */
  feeds(tokens: TokenBatch): Record<string, Feed>;
  /**
   * Hooks of unknown width that can be computed from those values, and the operator that makes
   * each.
   */
  computable?(): ReadonlyMap<string, string>;
}

/** Memory for logits and log-probabilities when the caller does not say. */
const LOGIT_BYTES = 2 ** 27;

/** Makes a {@link LanguageModel} of a graph and its hooks. */
export class HookedModel implements LanguageModel {
  readonly facts: KnownFacts;
  readonly windowsAtOnce: number | undefined;
  readonly #parts: HookedModelParts;
  readonly #options: SessionOptions;
  readonly #graphs: GraphRows;
  readonly #shapes: TensorShapes;

  constructor(parts: HookedModelParts, options: SessionOptions) {
    this.facts = parts.facts;
    this.windowsAtOnce = parts.forward?.threads;
    this.#parts = parts;
    this.#options = options;
    this.#shapes = new TensorShapes({
      demands: parts.demands,
      contextLength: parts.facts.contextLength,
      feeds: parts.feeds,
      open: (tensors) => this.#graphs.session(() => parts.model, tensors),
    });
    const { facts, folders, feeds } = parts;
    const demands = () => this.#shapes.demands;
    this.#graphs = new GraphRows({ facts, folders, feeds, demands }, options);
  }

  hooks(): string[] {
    return [...this.#parts.hooks.points.keys()];
  }

  async describeHooks(): Promise<HookDescription[]> {
    const { points } = this.#parts.hooks;
    const known = [...points].flatMap(([name, { width }]) =>
      width === undefined ? [] : [{ name, width, meaning: hookMeaning(name) }],
    );
    if (known.length === points.size) return known;
    return this.#shapes.describe(this.#parts.computable!());
  }

  async width(hook: string): Promise<number> {
    return (await this.#layoutOf(hook)).width;
  }

  async activations(hook: string, tokens: TokenBatch): Promise<Float32Array> {
    return (await this.activationsAt([hook], tokens))[0]!;
  }

  async activationsAt(hooks: readonly string[], tokens: TokenBatch): Promise<Float32Array[]> {
    const outputs = await this.#outputsAt(hooks);
    const { forward, facts } = this.#parts;
    if (!forward) return this.#graphs.allRows(tokens, outputs, { model: () => this.#parts.model });
    checkTokens(tokens, facts.vocabularySize, facts.contextLength);
    const tensors = outputs.map(({ tensor }) => tensor);
    return forward.rows(tensors, tokens);
  }

  async logits(tokens: TokenBatch): Promise<Float32Array> {
    const { tensor, layout } = await this.#logits();
    return this.#graphs.rows(tokens, { tensor, layout, model: () => this.#parts.model });
  }

  crossEntropy(tokens: TokenBatch): Promise<NextTokenLoss> {
    return this.#loss(tokens);
  }

  spliced(hook: string): SplicedModel {
    const splice = async (rows: Float32Array): Promise<Splice> => {
      const { tensor } = findHook(this.#parts.hooks, hook);
      const layout = await this.#layoutOf(hook);
      if (!layout.axes.includes("token") && !layout.axes.includes("batch"))
        throw new ConcordError(
          "hook/missing",
          `"${hook}" is the same for all windows, so nothing can be spliced in there.`,
        );
      return { tensor, layout, rows, model: () => this.#splicedModel(tensor, layout) };
    };
    return {
      logits: async (tokens, replacement) => {
        const { tensor, layout } = await this.#logits();
        const spliced = await splice(replacement);
        return this.#graphs.rows(tokens, { tensor, layout, model: spliced.model }, spliced);
      },
      logProbabilities: async (tokens, replacement) => {
        const { tensor, layout } = await this.#logits();
        const spliced = await splice(replacement);
        const model = () => withLogProbabilities(spliced.model(), tensor);
        return this.#graphs.rows(tokens, { tensor: LOG_PROBABILITIES, layout, model }, spliced);
      },
      activationsAt: async (hooks, tokens, replacement) => {
        const spliced = await splice(replacement);
        const outputs = await this.#outputsAt(hooks);
        return this.#graphs.allRows(tokens, outputs, { model: spliced.model }, spliced);
      },
      crossEntropy: async (tokens, replacement) => this.#loss(tokens, await splice(replacement)),
      compare: async (tokens, replacement, baseline) => {
        const compared = await this.#perToken(tokens, await splice(replacement), baseline);
        const column = (at: number) => compared.filter((_, i) => i % 2 === at);
        const { perToken, sum } = summarise(column(1), tokens);
        const loss = summarise(column(0), tokens);
        return { ...loss, divergence: perToken, divergenceSum: sum };
      },
    };
  }

  async close(): Promise<void> {
    await this.#graphs.close();
  }

  async #outputsAt(hooks: readonly string[]): Promise<Output[]> {
    const outputs: Output[] = [];
    for (const hook of hooks) {
      const { tensor } = findHook(this.#parts.hooks, hook);
      outputs.push({ tensor, layout: await this.#layoutOf(hook) });
    }
    return outputs;
  }

  /** Where the tokens lie in the tensor at a hook. */
  #layoutOf(hook: string): Promise<TokenLayout> {
    const { tensor, width } = findHook(this.#parts.hooks, hook);
    return width === undefined
      ? this.#shapes.layoutOf(hook, tensor)
      : Promise.resolve(rowLayout(width));
  }

  async #logits(): Promise<{ tensor: string; layout: TokenLayout }> {
    const { logits, facts } = this.#parts;
    if ("absent" in logits) throw new ConcordError("model/unsupported", logits.absent);
    const { tensor } = logits;
    if (this.#parts.hooks.points.get(tensor)?.width !== undefined)
      return { tensor, layout: rowLayout(facts.vocabularySize!) };
    return { tensor, layout: await this.#shapes.layoutOf(tensor, tensor) };
  }

  async #loss(tokens: TokenBatch, splice?: Splice): Promise<NextTokenLoss> {
    return summarise(await this.#perToken(tokens, splice), tokens);
  }

  /**
   * Loss of every position, in groups of windows whose logits fit in memory. With log-probabilities
   * of the unchanged model, also the divergence from them: [batch · positions, 2].
   */
  async #perToken(
    tokens: TokenBatch,
    splice: Splice | undefined,
    baseline?: Float32Array,
  ): Promise<Float32Array> {
    const { positions } = tokens;
    const { tensor, layout } = await this.#logits();
    const axes = layout.axes.join();
    if (axes !== "batch,position,width" && axes !== "token,width")
      throw new ConcordError(
        "model/unsupported",
        `The loss needs logits of shape [batch, position, vocabulary], but "${tensor}" is ${showLayout(layout)}.`,
      );
    if (tokens.ids.some((id) => id >= layout.width))
      throw new ConcordError(
        "model/unsupported",
        `"${tensor}" has ${layout.width} numbers per token, fewer than there are tokens, so it cannot predict the next one.`,
      );
    const bytesPerWindow = 8 * positions * layout.width;
    const most = Math.max(
      1,
      Math.floor((this.#options.logitBytes ?? LOGIT_BYTES) / bytesPerWindow),
    );
    const rank = layout.axes.length - 1;
    const own = () => splice?.model() ?? this.#parts.model;
    const targets = { axes: layout.axes.slice(0, rank), widths: [], width: 1 };
    if (baseline) {
      const axes = [...layout.axes.slice(0, rank), "width" as const];
      const wanted = {
        tensor: COMPARED_OUTPUT,
        layout: { axes, widths: [2], width: 2 },
        model: () => withComparison(own(), tensor, rank),
        targets,
        baseline: { rows: baseline, layout },
      };
      return this.#graphs.rows(tokens, wanted, splice, most);
    }
    const model = () => withCrossEntropy(own(), tensor, rank);
    const wanted = { tensor: LOSS_OUTPUT, layout: targets, model, targets };
    return this.#graphs.rows(tokens, wanted, splice, most);
  }

  #splicedModel(tensor: string, { axes }: TokenLayout): ModelProto {
    const dims = axes.map((role, axis) => `${role}_${axis}`);
    return spliceInput(this.#parts.model, tensor, tensorValue(REPLACEMENT_INPUT, "float32", dims));
  }
}
