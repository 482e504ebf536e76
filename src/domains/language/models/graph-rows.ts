/**
 * @file Runs graphs on batches of tokens and gives their tensors as rows, portion by portion. Each
 *   question has a session of its own; those of the last few are kept.
 */

import { showShape } from "../../../base/tensor.ts";
import { ConcordError, ShapeError } from "../../../errors.ts";
import type { ModelProto } from "../../../formats/onnx/messages.ts";
import { prefixUpTo } from "../../../formats/onnx/surgery.ts";
import {
  type Feed,
  type FileFolders,
  type GraphSession,
  openSession,
} from "../../../inference/session.ts";
import { BASELINE_INPUT, TARGET_INPUT } from "../evaluate/cross-entropy-graph.ts";
import { type BatchDemands, portionsOf } from "../text/portions.ts";
import { checkTokens, type TokenBatch } from "../text/token-batch.ts";
import type { ModelFacts } from "./hooked-graph.ts";
import { targetsOf } from "./next-token-loss.ts";
import type { SessionOptions } from "./session-options.ts";
import {
  resizedRows,
  rowsOfTensor,
  shapeOf,
  type TokenLayout,
  tensorOfRows,
} from "./token-layout.ts";

/** Graph input that takes the place of the tensor at a hook. */
export const REPLACEMENT_INPUT = "concord_replacement";

/**
 * Open sessions kept: prefix, loss, spliced loss and one more. Each holds its own packed copy of
 * the weights.
 */
const SESSIONS_MAX = 4;

/** Inputs that there are values for. */
const KNOWN_INPUTS = "token ids, attention masks, positions, token types and key-value caches";

/** A tensor to be computed, as rows. */
export interface Output {
  readonly tensor: string;
  readonly layout: TokenLayout;
}

/** The graph that computes it, and what the graph is given besides tokens. */
export interface Graph {
  readonly model: () => ModelProto;
  /** How the next tokens lie that the graph compares its logits with, where it does. */
  readonly targets?: TokenLayout;
  /** Log-probabilities of the unchanged model that it compares its own with. */
  readonly baseline?: { readonly rows: Float32Array; readonly layout: TokenLayout };
}

/** A tensor and its graph. */
export type Wanted = Output & Graph;

/** A tensor handed in from outside, as rows, and the graph that takes it. */
export interface Splice extends Output {
  readonly model: () => ModelProto;
  readonly rows: Float32Array;
}

/** What graphs of one model have in common. */
export interface GraphMachine {
  readonly facts: Pick<ModelFacts, "contextLength"> & Partial<ModelFacts>;
  readonly folders: FileFolders;
  /** Values for every input that the model may have. */
  feeds(tokens: TokenBatch): Record<string, Feed>;
  /** What its graphs demand of batches, as far as it is known now. */
  demands(): BatchDemands;
}

/** Runs the graphs of one model. */
export class GraphRows {
  readonly #machine: GraphMachine;
  readonly #options: SessionOptions;
  /** Least recently used first. */
  readonly #sessions = new Map<string, Promise<GraphSession>>();

  constructor(machine: GraphMachine, options: SessionOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  /** One tensor as rows [batch · positions, width], portion by portion. */
  async rows(tokens: TokenBatch, wanted: Wanted, splice?: Splice, most?: number) {
    return (await this.allRows(tokens, [wanted], wanted, splice, most))[0]!;
  }

  /** Several tensors of one graph, likewise. */
  async allRows(
    tokens: TokenBatch,
    outputs: readonly Output[],
    { model, targets, baseline }: Graph,
    splice?: Splice,
    most?: number,
  ): Promise<Float32Array[]> {
    const { facts } = this.#machine;
    checkTokens(tokens, facts.vocabularySize, facts.contextLength);
    if (splice && splice.rows.length !== tokens.ids.length * splice.layout.width)
      throw new ShapeError(
        "splice",
        `replacement of shape [${tokens.ids.length}, ${splice.layout.width}]`,
        `${splice.rows.length} elements`,
      );
    const { positions } = tokens;
    // In one order, whoever asks: a session for each set.
    const tensors = [...new Set(outputs.map(({ tensor }) => tensor))].sort();
    const all: Float32Array[] = [];
    for (const { from, windows, fed } of portionsOf(tokens, this.#machine.demands(), most)) {
      const size = { batch: windows, positions };
      const start = from * positions;
      const feeds = this.#machine.feeds(fed);
      if (targets)
        feeds[TARGET_INPUT] = { type: "int64", data: targetsOf(fed), dims: shapeOf(targets, fed) };
      const fedRows = (given: { rows: Float32Array; layout: TokenLayout }): Feed => {
        const { width } = given.layout;
        const part = given.rows.subarray(start * width, (start + windows * positions) * width);
        const data = tensorOfRows(given.layout, resizedRows(part, size, fed), fed);
        return { type: "float32", data, dims: shapeOf(given.layout, fed) };
      };
      if (splice) feeds[REPLACEMENT_INPUT] = fedRows(splice);
      if (baseline) feeds[BASELINE_INPUT] = fedRows(baseline);
      const session = await this.session(model, tensors, splice?.tensor);
      const found = await session.run(feeds, tensors);
      for (const [i, { tensor, layout }] of outputs.entries()) {
        const output = found[tensors.indexOf(tensor)]!;
        const dims = shapeOf(layout, fed);
        if (showShape(output.dims) !== showShape(dims))
          throw new ConcordError(
            "hook/missing",
            `"${tensor}" has shape ${showShape(output.dims)} for ${fed.batch} windows of ${fed.positions} tokens, not ${showShape(dims)}.`,
          );
        const rows = resizedRows(rowsOfTensor(layout, output.data, fed), fed, size);
        if (windows === tokens.batch) {
          all[i] = rows;
          continue;
        }
        all[i] ??= new Float32Array(tokens.ids.length * layout.width);
        all[i]!.set(rows, start * layout.width);
      }
    }
    return all;
  }

  /**
   * The session of a graph, cut to what some tensors need.
   *
   * @param spliced The tensor that the graph takes from outside.
   */
  async session(
    model: () => ModelProto,
    tensors: readonly string[],
    spliced?: string,
  ): Promise<GraphSession> {
    const key = JSON.stringify([spliced ?? null, tensors]);
    let session = this.#sessions.get(key);
    this.#sessions.delete(key);
    session ??= openSession(
      prefixUpTo(model(), tensors),
      this.#machine.folders,
      KNOWN_INPUTS,
      this.#options,
    );
    this.#sessions.set(key, session);
    for (const [oldest, old] of this.#sessions) {
      if (this.#sessions.size <= SESSIONS_MAX) break;
      this.#sessions.delete(oldest);
      await (await old).close();
    }
    try {
      return await session;
    } catch (error) {
      this.#sessions.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of open) await (await session).close();
  }
}
