/**
 * @file The tensors of a GGUF file under the names and in the layout of a Hugging Face checkpoint.
 *
 * llama.cpp turns neighbouring elements of a head together, Hugging Face element i and i + d/2. So
 * the rows of queries and keys are interleaved in a file of architecture `llama`: its row 2i + s of
 * a head is row i + s d/2 here.
 */

import { ConcordError, FormatError } from "../../../errors.ts";
import type { GgufHeader, GgufTensor } from "../../../formats/gguf/gguf-header.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import type { GgufSizes } from "./gguf-config.ts";

/** A weight of the checkpoint. */
export interface GgufWeight {
  readonly tensor: GgufTensor;
  /** Heads whose rows are interleaved; undefined where rows stay as they are. */
  readonly interleavedHeads: number | undefined;
}

const WHOLE: Readonly<Record<string, string>> = {
  "token_embd.weight": "model.embed_tokens.weight",
  "output_norm.weight": "model.norm.weight",
  "output.weight": "lm_head.weight",
};

const IN_BLOCKS: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** `blk.3.attn_q.weight` → `model.layers.3.self_attn.q_proj.weight`; undefined for others. */
function checkpointName(name: string): string | undefined {
  const [, block, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight)$/.exec(name) ?? [];
  // Objects also have keys such as `constructor`.
  if (part === undefined) return Object.hasOwn(WHOLE, name) ? WHOLE[name] : undefined;
  const own = Object.hasOwn(IN_BLOCKS, part) ? IN_BLOCKS[part] : undefined;
  return own && `model.layers.${block}.${own}.${kind}`;
}

/**
 * Every weight of the checkpoint by its name there.
 *
 * @throws {ConcordError} `model/unsupported` naming a tensor that is not known, such as factors of
 *   the rotary frequencies; {FormatError} for interleaved rows that do not fit the heads.
 */
export function ggufWeights(
  { tensors }: GgufHeader,
  { heads, keyValueHeads, dHead }: GgufSizes,
  path: string,
): Map<string, GgufWeight> {
  const weights = new Map<string, GgufWeight>();
  const unknown: string[] = [];
  for (const tensor of tensors.values()) {
    const name = checkpointName(tensor.name);
    if (name === undefined) {
      unknown.push(tensor.name);
      continue;
    }
    const isQuery = name.endsWith("q_proj.weight");
    const interleavedHeads =
      isQuery || name.endsWith("k_proj.weight") ? (isQuery ? heads : keyValueHeads) : undefined;
    if (interleavedHeads !== undefined && tensor.shape[0] !== interleavedHeads * dHead)
      throw new FormatError(
        path,
        `the tensor ${showName(tensor.name)} has ${tensor.shape[0]} rows, but ${interleavedHeads} heads of ${dHead} have ${interleavedHeads * dHead}.`,
      );
    weights.set(name, { tensor, interleavedHeads });
  }
  if (unknown.length > 0)
    throw new ConcordError(
      "model/unsupported",
      `${path} has tensors that are not known here: ${showNames(unknown)}.`,
      { hint: "Give the Hugging Face checkpoint of the model, or export it to ONNX." },
    );
  return weights;
}

/** Rows of heads in Hugging Face's order, from interleaved ones; see the head of this file. */
export function deinterleaved(rows: Float32Array, heads: number, columns: number): Float32Array {
  const out = new Float32Array(rows.length);
  const dHead = rows.length / columns / heads;
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < dHead; i++) {
      const from = h * dHead + (i % (dHead / 2)) * 2 + Math.floor(i / (dHead / 2));
      out.set(rows.subarray(from * columns, (from + 1) * columns), (h * dHead + i) * columns);
    }
  return out;
}
