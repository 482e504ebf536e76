/**
 * @file Reads checkpoints of llama2.c (Karpathy 2023, MIT): `model.bin` in its first format and the
 *   `tokenizer.bin` of that time, and turns them into what a Hugging Face folder holds. The format:
 *   seven int32 (dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len), then float32
 *   weights, all layers of one kind together; vocab_size is negative when the output matrix is not
 *   the embedding.
 */

import { float32Tensor, type Tensor } from "../../../base/tensor.ts";
import { FormatError } from "../../../errors.ts";

/** Shape of a llama2.c model. */
export interface Llama2cShape {
  readonly dModel: number;
  readonly dMlp: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
}

export interface Llama2cModel {
  readonly shape: Llama2cShape;
  /**
   * Weights under the names and in the layout of transformers' `LlamaForCausalLM`, output matrix
   * tied.
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const HEADER_BYTES = 28;

/** A dimension above this is not one of llama2.c's small models but a misread file. */
const DIMENSION_MAX = 2 ** 20;

function readShape(bytes: Uint8Array, where: string): Llama2cShape {
  if (bytes.byteLength < HEADER_BYTES)
    throw new FormatError(where, "too short for a llama2.c header");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [dModel, dMlp, layers, heads, keyValueHeads, vocabularySize, contextLength] = Array.from(
    { length: 7 },
    (_, i) => view.getInt32(4 * i, true),
  ) as [number, number, number, number, number, number, number];
  const shape = { dModel, dMlp, layers, heads, keyValueHeads, vocabularySize, contextLength };
  if (vocabularySize < 0) throw new FormatError(where, "an untied output matrix is not supported");
  for (const [name, value] of Object.entries(shape))
    if (value < 1 || value > DIMENSION_MAX)
      throw new FormatError(where, `not a llama2.c checkpoint: ${name} is ${value}`);
  if (dModel % heads !== 0 || heads % keyValueHeads !== 0)
    throw new FormatError(
      where,
      `not a llama2.c checkpoint: ${heads} heads do not divide ${dModel}`,
    );
  return shape;
}

/**
 * Rows of a query or key projection from interleaved rotary pairs (2i, 2i + 1), as llama2.c turns
 * them, to halves (i, i + dHead/2), as transformers does.
 *
 * @param rows [heads · dHead, columns]; a copy is returned.
 */
export function halfSplitRows(rows: Float32Array, dHead: number, columns: number): Float32Array {
  const out = new Float32Array(rows.length);
  const half = dHead / 2;
  const heads = rows.length / (dHead * columns);
  for (let head = 0; head < heads; head++)
    for (let i = 0; i < dHead; i++) {
      const from = (head * dHead + i) * columns;
      const to = (head * dHead + (i % 2) * half + Math.floor(i / 2)) * columns;
      out.set(rows.subarray(from, from + columns), to);
    }
  return out;
}

/**
 * Parses `model.bin`.
 *
 * @param where Name of the file, for messages.
 * @throws {FormatError} when the header is implausible or the file is not exactly as long as it
 *   says.
 */
export function parseLlama2cModel(bytes: Uint8Array, where = "model.bin"): Llama2cModel {
  const shape = readShape(bytes, where);
  const { dModel, dMlp, layers, heads, keyValueHeads, vocabularySize, contextLength } = shape;
  const dHead = dModel / heads;
  const dKeys = keyValueHeads * dHead;
  const perLayer = 2 * dModel + 2 * dModel * dModel + 2 * dKeys * dModel + 3 * dModel * dMlp;
  const count = vocabularySize * dModel + layers * perLayer + dModel + contextLength * dHead;
  if (bytes.byteLength !== HEADER_BYTES + 4 * count)
    throw new FormatError(
      where,
      `the header asks for ${HEADER_BYTES + 4 * count} bytes, but the file has ${bytes.byteLength}`,
    );
  const floats = new Float32Array(new Uint8Array(bytes.subarray(HEADER_BYTES)).buffer);
  const tensors = new Map<string, Tensor>();
  let at = 0;
  const take = (size: number) => {
    at += size;
    return floats.subarray(at - size, at);
  };
  const add = (name: string, extents: readonly number[], data: Float32Array) =>
    tensors.set(name, float32Tensor(extents, data));
  const everyLayer = (part: string, extents: readonly number[], rotary = false) => {
    const size = extents.reduce((a, b) => a * b, 1);
    for (let layer = 0; layer < layers; layer++) {
      const data = take(size);
      const name = `model.layers.${layer}.${part}.weight`;
      add(name, extents, rotary ? halfSplitRows(data, dHead, dModel) : data);
    }
  };
  add("model.embed_tokens.weight", [vocabularySize, dModel], take(vocabularySize * dModel));
  everyLayer("input_layernorm", [dModel]);
  everyLayer("self_attn.q_proj", [dModel, dModel], true);
  everyLayer("self_attn.k_proj", [dKeys, dModel], true);
  everyLayer("self_attn.v_proj", [dKeys, dModel]);
  everyLayer("self_attn.o_proj", [dModel, dModel]);
  everyLayer("post_attention_layernorm", [dModel]);
  everyLayer("mlp.gate_proj", [dMlp, dModel]);
  everyLayer("mlp.down_proj", [dModel, dMlp]);
  everyLayer("mlp.up_proj", [dMlp, dModel]);
  add("model.norm.weight", [dModel], take(dModel));
  return { shape, tensors };
}

/**
 * The `config.json` of a llama2.c model: RMSNorm eps 1e-5 and rotary base 10000 are constants of
 * its code.
 */
export function llama2cConfig(shape: Llama2cShape): Record<string, unknown> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: shape.dModel,
    intermediate_size: shape.dMlp,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: shape.dModel / shape.heads,
    vocab_size: shape.vocabularySize,
    max_position_embeddings: shape.contextLength,
    hidden_act: "silu",
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    bos_token_id: 1,
    eos_token_id: 2,
    torch_dtype: "float32",
  };
}
