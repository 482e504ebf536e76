/**
 * @file A language model that can be read and changed at its hooks. Every question (activations up to a hook, logits, loss, loss
 * with a tensor replaced) gets a graph of its own, cut to what it needs; the sessions of the last few are kept.
 */

import { ConcordError, ShapeError } from "../errors.ts";
import type { ModelProto } from "../formats/onnx/messages.ts";
import { prefixUpTo, spliceInput } from "../formats/onnx/surgery.ts";
import { tensorValue } from "../formats/onnx/tensors.ts";
import { showShape } from "../tensor/tensor.ts";
import { LOSS_OUTPUT, TARGET_INPUT, withCrossEntropy } from "./cross-entropy-graph.ts";
import type { ModelFacts } from "./hooked-graph.ts";
import { findHook, type HookPoint, type HookTable } from "./hooks.ts";
import {
  type Feed,
  type FileFolders,
  type FloatOutput,
  type GraphSession,
  openSession,
  type SessionOptions,
} from "./session.ts";
import { checkTokens, sliceBatch, type TokenBatch } from "./token-batch.ts";

/** What is known of a model; an opened ONNX file states less than a checkpoint's config. */
export type KnownFacts = Pick<ModelFacts, "family" | "vocabularySize" | "contextLength"> &
  Partial<ModelFacts>;

/** Loss of predicting each next token, in nats. */
export interface NextTokenLoss {
  /** [batch, positions]; NaN where no real token follows: at the end of each window and in padding. */
  readonly perToken: Float32Array;
  /** Sum over the predicted tokens, in double precision. */
  readonly sum: number;
  /** Number of predicted tokens. */
  readonly count: number;
}

/** The model with the tensor at one hook handed in from outside. */
export interface SplicedModel {
  /** Elements per token at the hook, where known. */
  readonly width: number | undefined;
  /** @param replacement [batch · positions, width]. @returns [batch · positions, vocabulary]. */
  logits(tokens: TokenBatch, replacement: Float32Array): Promise<Float32Array>;
  /** @param replacement [batch · positions, width]. */
  crossEntropy(tokens: TokenBatch, replacement: Float32Array): Promise<NextTokenLoss>;
}

/** A model whose insides have names. */
export interface LanguageModel {
  readonly facts: KnownFacts;
  /** Canonical names of all hooks, in the order in which they are computed. */
  hooks(): string[];
  /** Elements per token at a hook, where known. @throws {ConcordError} `hook/missing` with the nearest names. */
  width(hook: string): number | undefined;
  /**
   * Activations at a hook; only what comes before it is computed.
   *
   * @returns Float32Array [batch · positions, width], padding included.
   * @throws {ConcordError} `hook/missing`, or `argument/invalid` when a token id is out of range or the window too long.
   */
  activations(hook: string, tokens: TokenBatch): Promise<Float32Array>;
  /** @returns [batch · positions, vocabulary]. */
  logits(tokens: TokenBatch): Promise<Float32Array>;
  /** Loss of every next token; logits are made for a few windows at a time and never kept. */
  crossEntropy(tokens: TokenBatch): Promise<NextTokenLoss>;
  /** The model with the tensor at `hook` replaced; everything that does not depend on it is still computed from the tokens. */
  spliced(hook: string): SplicedModel;
  close(): Promise<void>;
}

/** What differs between graphs built here and ONNX files opened. */
export interface HookedModelParts {
  readonly facts: KnownFacts;
  readonly model: ModelProto;
  readonly hooks: HookTable;
  /** Name of the logits tensor, and its rank: 2 for [batch · pos, vocabulary], 3 for [batch, pos, vocabulary]. */
  readonly logits: { readonly tensor: string; readonly rank: 2 | 3 };
  /** Rank of the tensor at a hook: 2 for [batch · pos, width], 3 for [batch, pos, width]. */
  readonly hookRank: 2 | 3;
  readonly folders: FileFolders;
  /** Values for every input that the model may have. */
  feeds(tokens: TokenBatch): Record<string, Feed>;
}

const REPLACEMENT_INPUT = "concord_replacement";

/** Memory for logits and log-probabilities when the caller does not say. */
const LOGIT_BYTES = 2 ** 27;

/** Open sessions kept: prefix, loss, spliced loss and one more. Each holds its own packed copy of the weights. */
const SESSIONS_MAX = 4;

/** Next-token targets of a batch, int64 [batch · positions]; 0 where nothing follows. */
function targetsOf(tokens: TokenBatch): BigInt64Array {
  const { ids, batch, positions } = tokens;
  const targets = new BigInt64Array(ids.length);
  for (let window = 0; window < batch; window++)
    for (let p = 0; p + 1 < positions; p++) {
      const at = window * positions + p;
      targets[at] = BigInt(ids[at + 1]!);
    }
  return targets;
}

/** Blanks positions that predict nothing and sums the rest. */
function summarise(perToken: Float32Array, tokens: TokenBatch): NextTokenLoss {
  const { batch, positions, lengths } = tokens;
  let sum = 0;
  let count = 0;
  for (let window = 0; window < batch; window++)
    for (let p = 0; p < positions; p++) {
      const at = window * positions + p;
      if (p + 1 < (lengths?.[window] ?? positions)) {
        sum += perToken[at]!;
        count++;
      } else perToken[at] = Number.NaN;
    }
  return { perToken, sum, count };
}

/** Makes a {@link LanguageModel} of a graph and its hooks. */
export class HookedModel implements LanguageModel {
  readonly facts: KnownFacts;
  readonly #parts: HookedModelParts;
  readonly #options: SessionOptions;
  /** Least recently used first. */
  readonly #sessions = new Map<string, Promise<GraphSession>>();

  constructor(parts: HookedModelParts, options: SessionOptions) {
    this.facts = parts.facts;
    this.#parts = parts;
    this.#options = options;
  }

  hooks(): string[] {
    return [...this.#parts.hooks.points.keys()];
  }

  width(hook: string): number | undefined {
    return findHook(this.#parts.hooks, hook).width;
  }

  async activations(hook: string, tokens: TokenBatch): Promise<Float32Array> {
    const point = findHook(this.#parts.hooks, hook);
    const output = await this.#run(tokens, point.tensor, () => this.#parts.model);
    return rowsPerToken(hook, output, tokens, point.width);
  }

  async logits(tokens: TokenBatch): Promise<Float32Array> {
    const { tensor } = this.#parts.logits;
    return (await this.#run(tokens, tensor, () => this.#parts.model)).data;
  }

  crossEntropy(tokens: TokenBatch): Promise<NextTokenLoss> {
    return this.#loss(tokens);
  }

  spliced(hook: string): SplicedModel {
    const point = findHook(this.#parts.hooks, hook);
    return {
      width: point.width,
      logits: async (tokens, replacement) => {
        const { tensor } = this.#parts.logits;
        const feed = this.#replacement(point, tokens, replacement);
        return (await this.#run(tokens, tensor, () => this.#splicedModel(point), feed, point)).data;
      },
      crossEntropy: (tokens, replacement) => this.#loss(tokens, { point, replacement }),
    };
  }

  async close(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of open) await (await session).close();
  }

  /** Loss in groups of windows whose logits fit in memory. */
  async #loss(
    tokens: TokenBatch,
    splice?: { point: HookPoint; replacement: Float32Array },
  ): Promise<NextTokenLoss> {
    const { batch, positions } = tokens;
    const { facts, logits } = this.#parts;
    const bytesPerWindow = 8 * positions * facts.vocabularySize;
    const group = Math.max(
      1,
      Math.floor((this.#options.logitBytes ?? LOGIT_BYTES) / bytesPerWindow),
    );
    const perToken = new Float32Array(batch * positions);
    const width = splice ? splice.replacement.length / (batch * positions) : 0;
    for (let from = 0; from < batch; from += group) {
      const part = sliceBatch(tokens, from, Math.min(batch, from + group));
      const dims = logits.rank === 2 ? [part.ids.length] : [part.batch, positions];
      const feeds: Record<string, Feed> = {
        [TARGET_INPUT]: { type: "int64", data: targetsOf(part), dims },
      };
      if (splice) {
        const start = from * positions * width;
        const rows = splice.replacement.subarray(start, start + part.ids.length * width);
        Object.assign(feeds, this.#replacement(splice.point, part, rows));
      }
      const model = () =>
        withCrossEntropy(
          splice ? this.#splicedModel(splice.point) : this.#parts.model,
          logits.tensor,
          logits.rank - 1,
        );
      const { data } = await this.#run(part, LOSS_OUTPUT, model, feeds, splice?.point);
      perToken.set(data, from * positions);
    }
    return summarise(perToken, tokens);
  }

  #splicedModel(point: HookPoint): ModelProto {
    const { model, hookRank } = this.#parts;
    const dims = ["tokens", "batch_and_pos", "width"].slice(3 - hookRank);
    return spliceInput(model, point.tensor, tensorValue(REPLACEMENT_INPUT, "float32", dims));
  }

  #replacement(point: HookPoint, tokens: TokenBatch, rows: Float32Array): Record<string, Feed> {
    const { batch, positions } = tokens;
    const count = batch * positions;
    const width = point.width ?? rows.length / count;
    if (rows.length !== count * width)
      throw new ShapeError(
        "splice",
        `replacement of shape [${count}, ${width}]`,
        `${rows.length} elements`,
      );
    const dims = this.#parts.hookRank === 2 ? [count, width] : [batch, positions, width];
    return { [REPLACEMENT_INPUT]: { type: "float32", data: rows, dims } };
  }

  async #run(
    tokens: TokenBatch,
    output: string,
    model: () => ModelProto,
    extra: Record<string, Feed> = {},
    splice?: HookPoint,
  ): Promise<FloatOutput> {
    checkTokens(tokens, this.facts.vocabularySize, this.facts.contextLength);
    const session = await this.#session(`${splice?.tensor ?? ""}→${output}`, () =>
      prefixUpTo(model(), [output]),
    );
    return session.run({ ...this.#parts.feeds(tokens), ...extra }, output);
  }

  async #session(key: string, model: () => ModelProto): Promise<GraphSession> {
    let session = this.#sessions.get(key);
    this.#sessions.delete(key);
    session ??= openSession(model(), this.#parts.folders, this.#options);
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
}

/** Checks that an output has one row per token. */
function rowsPerToken(
  hook: string,
  { data, dims }: FloatOutput,
  tokens: TokenBatch,
  width: number | undefined,
): Float32Array {
  const { batch, positions } = tokens;
  const count = batch * positions;
  const rows = dims[0] === count || (dims[0] === batch && dims[1] === positions);
  if (!rows || (width !== undefined && data.length !== count * width))
    throw new ConcordError(
      "hook/missing",
      `"${hook}" has shape ${showShape(dims)} for ${batch} windows of ${positions} tokens; it has no row per token.`,
      { hint: "choose a tensor of shape [batch, pos, width]" },
    );
  return data;
}
