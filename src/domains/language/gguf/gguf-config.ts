/**
 * @file The metadata of a GGUF file as the `config.json` of a Hugging Face checkpoint. A key that
 *   changes the arithmetic and is not known here is refused by name.
 */

import { ConcordError, FormatError } from "../../../errors.ts";
import type { GgufHeader, GgufValue } from "../../../formats/gguf/gguf-header.ts";
import { showName } from "../../../formats/show-name.ts";

/** Architectures whose tensors are named and laid out as this program knows them. */
const ARCHITECTURES: readonly string[] = ["llama"];

/** Metadata of the architecture that does not change what it computes. */
const IDLE = new Set(["vocab_size"]);

const OTHER_FILE = "Give the Hugging Face checkpoint of the model, or export it to ONNX.";

/** Reads the keys of an architecture: `llama.block_count` is its `block_count`. */
export class GgufKeys {
  readonly architecture: string;
  readonly #metadata: GgufHeader["metadata"];
  readonly #path: string;
  readonly #used = new Set<string>();

  /** @throws {ConcordError} `model/unsupported` for an architecture that is not read. */
  constructor({ metadata }: GgufHeader, path: string) {
    this.#metadata = metadata;
    this.#path = path;
    const named = metadata.get("general.architecture");
    this.architecture = String(named ?? "");
    if (!ARCHITECTURES.includes(this.architecture))
      throw new ConcordError(
        "model/unsupported",
        named === undefined
          ? `${path} does not say which architecture it has (general.architecture).`
          : `${path} is of architecture ${showName(this.architecture)}, but only ${ARCHITECTURES.join(", ")} is read from GGUF files.`,
        { hint: OTHER_FILE },
      );
  }

  /** A value, or undefined. */
  value(key: string): GgufValue | undefined {
    this.#used.add(key);
    return this.#metadata.get(`${this.architecture}.${key}`);
  }

  /** A positive integer. @throws {FormatError} naming the key. */
  size(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
      throw this.#wrong(key, "a positive integer", value);
    return value;
  }

  /** A finite number above 0. @throws {FormatError} naming the key. */
  positive(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value))
      throw this.#wrong(key, "a number above 0", value);
    return value;
  }

  /**
   * Refuses a size that would change the arithmetic.
   *
   * @throws {ConcordError} `model/unsupported` unless the size is `only` or left out; {FormatError}
   *   when it is not a size.
   */
  requireSize(key: string, only: number): void {
    const size = this.size(key, only);
    if (size !== only)
      throw new ConcordError(
        "model/unsupported",
        `${this.#path}: ${this.architecture}.${key} is ${size}, but only the ${only} dimensions of a head are supported.`,
        { hint: OTHER_FILE },
      );
  }

  /** @throws {ConcordError} `model/unsupported` naming keys that nothing has read. */
  requireAllUsed(): void {
    const prefix = `${this.architecture}.`;
    const left = [...this.#metadata.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter((key) => !this.#used.has(key) && !IDLE.has(key));
    if (left.length > 0)
      throw new ConcordError(
        "model/unsupported",
        `${this.#path}: ${left.map((key) => showName(prefix + key)).join(", ")} may change what the model computes, and is not known here.`,
        { hint: OTHER_FILE },
      );
  }

  #wrong(key: string, rule: string, value: unknown): FormatError {
    return new FormatError(
      this.#path,
      value === undefined
        ? `"${this.architecture}.${key}" is missing; expected ${rule}.`
        : `expected ${rule} for "${this.architecture}.${key}" but found ${String(value).slice(0, 60)}.`,
    );
  }
}

/** Sizes that tensors must fit. */
export interface GgufSizes {
  readonly layers: number;
  readonly dModel: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly dHead: number;
}

/** `config.json`, and the sizes in it. */
export interface GgufConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly sizes: GgufSizes;
}

/**
 * The config of a checkpoint with the same arithmetic.
 *
 * @param vocabularySize Rows of the embedding.
 * @param tied           Whether the embedding is the unembedding as well.
 * @throws {FormatError} naming a key that is missing or not a number; {ConcordError}
 *   `model/unsupported` naming one that is not known, or has a value that is not supported.
 */
export function ggufConfig(
  keys: GgufKeys,
  { vocabularySize, tied }: { readonly vocabularySize: number; readonly tied: boolean },
): GgufConfig {
  const dModel = keys.size("embedding_length");
  const heads = keys.size("attention.head_count");
  const keyValueHeads = keys.size("attention.head_count_kv", heads);
  const dHead = keys.size("attention.key_length", dModel / heads);
  const layers = keys.size("block_count");
  // Of fewer dimensions, a part of each head would be turned, which llama.cpp refuses too.
  for (const key of ["attention.value_length", "rope.dimension_count"])
    keys.requireSize(key, dHead);
  const config = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: dModel,
    intermediate_size: keys.size("feed_forward_length"),
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    head_dim: dHead,
    hidden_act: "silu",
    rms_norm_eps: keys.positive("attention.layer_norm_rms_epsilon"),
    rope_theta: keys.positive("rope.freq_base", 10_000),
    max_position_embeddings: keys.size("context_length"),
    vocab_size: vocabularySize,
    tie_word_embeddings: tied,
    torch_dtype: "float32",
  };
  keys.requireAllUsed();
  return { config, sizes: { layers, dModel, heads, keyValueHeads, dHead } };
}
