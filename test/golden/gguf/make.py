"""What the gguf package makes of blocks of every type, and a small model file that it writes.

    python make.py

blocks.safetensors: for every type, random blocks as bytes ("<type>.bytes") and their values ("<type>.values"). Scales are finite.
tiny.gguf: a Llama of two layers whose weights are random, in F32, F16, BF16 and Q8_0, with a vocabulary of bytes and a few merges;
queries and keys are stored with interleaved rows, as llama.cpp's converter stores them. tiny.safetensors: the same weights under the
names and in the layout of transformers, as read back. Versions are in versions.json.
"""

import json
import pathlib
from importlib.metadata import version

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(0)
BLOCKS = 6
TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
# Bytes of a block at which a float16 scale lies.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def blocks(name):
    elements, size = gguf.GGML_QUANT_SIZES[Type[name]]
    if name in ("F32", "F16", "BF16"):
        values = random.standard_normal(32).astype(np.float32)
        return gguf.quants.quantize(values, Type[name]).view(np.uint8).reshape(-1)
    raw = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for at in SCALES[name]:
        raw[:, at : at + 2] = random.standard_normal(BLOCKS).astype(np.float16).view(np.uint8).reshape(BLOCKS, 2)
    return raw.reshape(-1)


tensors = {}
for name in TYPES:
    raw = blocks(name)
    tensors[f"{name}.bytes"] = raw
    tensors[f"{name}.values"] = gguf.quants.dequantize(raw.reshape(1, -1), Type[name]).astype(np.float32).reshape(-1)
save_file(tensors, HERE / "blocks.safetensors")

# A small model.
D, HEADS, KV, HIDDEN, LAYERS = 32, 4, 2, 64, 2
HEAD = D // HEADS


def byte_letters():
    """The letter that byte-level BPE writes for each byte (GPT-2's table)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, extra = {b: chr(b) for b in plain}, 0
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + extra)
            extra += 1
    return [letters[b] for b in range(256)]


merges = ["t h", "th e", "Ġ the"]
tokens = ["<|endoftext|>", "<|im_start|>", *byte_letters(), "th", "the", "Ġthe"]
writer = gguf.GGUFWriter(HERE / "tiny.gguf", "llama")
writer.add_name("tiny")
writer.add_license("apache-2.0")
writer.add_block_count(LAYERS)
writer.add_context_length(64)
writer.add_embedding_length(D)
writer.add_feed_forward_length(HIDDEN)
writer.add_head_count(HEADS)
writer.add_head_count_kv(KV)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_freq_base(50000.0)
writer.add_rope_dimension_count(HEAD)
writer.add_vocab_size(len(tokens))
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("smollm")
writer.add_token_list(tokens)
writer.add_token_types([3, 3] + [1] * (len(tokens) - 2))
writer.add_token_merges(merges)
writer.add_bos_token_id(1)
writer.add_eos_token_id(0)
writer.add_add_bos_token(False)
checkpoint = {}


def add(name, theirs, shape, kind, heads=None):
    values = (random.standard_normal(shape) * 0.2).astype(np.float32)
    if kind == "F32":
        values += 1
    stored = gguf.quants.quantize(values, Type[kind])
    kept = gguf.quants.dequantize(stored, Type[kind]).astype(np.float32).reshape(shape)
    raw = None if kind in ("F32", "F16") else Type[kind]
    writer.add_tensor(name, stored, raw_dtype=raw)
    if heads:  # the inverse of the converter's permutation
        kept = kept.reshape(heads, HEAD // 2, 2, shape[1]).swapaxes(1, 2).reshape(shape)
    checkpoint[theirs] = np.ascontiguousarray(kept)


add("token_embd.weight", "model.embed_tokens.weight", (len(tokens), D), "Q8_0")
for i in range(LAYERS):
    block, layer = f"blk.{i}.", f"model.layers.{i}."
    add(block + "attn_norm.weight", layer + "input_layernorm.weight", (D,), "F32")
    add(block + "attn_q.weight", layer + "self_attn.q_proj.weight", (D, D), "Q8_0", HEADS)
    add(block + "attn_k.weight", layer + "self_attn.k_proj.weight", (KV * HEAD, D), "F16", KV)
    add(block + "attn_v.weight", layer + "self_attn.v_proj.weight", (KV * HEAD, D), "F16")
    add(block + "attn_output.weight", layer + "self_attn.o_proj.weight", (D, D), "BF16")
    add(block + "ffn_norm.weight", layer + "post_attention_layernorm.weight", (D,), "F32")
    add(block + "ffn_gate.weight", layer + "mlp.gate_proj.weight", (HIDDEN, D), "Q8_0")
    add(block + "ffn_up.weight", layer + "mlp.up_proj.weight", (HIDDEN, D), "Q8_0")
    add(block + "ffn_down.weight", layer + "mlp.down_proj.weight", (D, HIDDEN), "Q8_0")
add("output_norm.weight", "model.norm.weight", (D,), "F32")
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(checkpoint, HERE / "tiny.safetensors")
versions = {name: version(name) for name in ("gguf", "numpy", "safetensors")}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
