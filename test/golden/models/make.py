"""Makes the golden files of this folder with PyTorch and Hugging Face transformers.

    python make.py [folder with tokenizers/gpt2 and tokenizers/gpt-neox]

Every model is randomly initialised from SEED, with weights large enough for every part to matter.
`expected.safetensors` beside each checkpoint holds the token ids and the tensor of every hook,
[batch * pos, width], gathered with forward hooks in float32. The versions that made the files are
in versions.json.
"""

import json
import os
import shutil
import struct
import sys

import numpy as np
import onnx
import tokenizers
import torch
import transformers
from onnx import TensorProto, helper
from recorder import HERE, SEED, VOCAB, hook_decoder, hook_norm, randomise, write_checkpoint
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
)


def hook_gpt2(model, rec):
    body, d, eps = model.transformer, model.config.n_embd, model.config.layer_norm_epsilon
    rec.output(body.wte, "hook_embed")
    rec.output(body.wpe, "hook_pos_embed")
    for i, block in enumerate(body.h):
        b = f"blocks.{i}"
        rec.input(block.ln_1, f"{b}.hook_resid_pre")
        hook_norm(rec, block.ln_1, f"{b}.ln1", eps, centred=True)

        def qkv(_m, _i, out, b=b):
            for part, tensor in zip("qkv", out.split(d, dim=-1)):
                rec.put(f"{b}.attn.hook_{part}", tensor)

        block.attn.c_attn.register_forward_hook(qkv)
        rec.input(block.attn.c_proj, f"{b}.attn.hook_z")
        rec.output(block.attn.c_proj, f"{b}.hook_attn_out")
        rec.input(block.ln_2, f"{b}.hook_resid_mid")
        hook_norm(rec, block.ln_2, f"{b}.ln2", eps, centred=True)
        rec.output(block.mlp.c_fc, f"{b}.mlp.hook_pre")
        rec.input(block.mlp.c_proj, f"{b}.mlp.hook_post")
        rec.output(block.mlp.c_proj, f"{b}.hook_mlp_out")
        rec.output(block, f"{b}.hook_resid_post")
    hook_norm(rec, body.ln_f, "ln_final", eps, centred=True)


def hook_neox(model, rec):
    body, cfg = model.gpt_neox, model.config
    heads, dh = cfg.num_attention_heads, cfg.hidden_size // cfg.num_attention_heads
    rec.output(body.embed_in, "hook_embed")
    for i, block in enumerate(body.layers):
        b = f"blocks.{i}"
        rec.input(block.input_layernorm, f"{b}.hook_resid_pre")
        hook_norm(rec, block.input_layernorm, f"{b}.ln1", cfg.layer_norm_eps, centred=True)

        def qkv(_m, _i, out, b=b):
            split = out.view(*out.shape[:2], heads, 3, dh)
            for j, part in enumerate("qkv"):
                rec.put(f"{b}.attn.hook_{part}", split[:, :, :, j])

        block.attention.query_key_value.register_forward_hook(qkv)
        rec.input(block.attention.dense, f"{b}.attn.hook_z")
        rec.output(block.attention.dense, f"{b}.hook_attn_out")
        if not cfg.use_parallel_residual:
            rec.input(block.post_attention_layernorm, f"{b}.hook_resid_mid")
        hook_norm(rec, block.post_attention_layernorm, f"{b}.ln2", cfg.layer_norm_eps, centred=True)
        rec.output(block.mlp.dense_h_to_4h, f"{b}.mlp.hook_pre")
        rec.input(block.mlp.dense_4h_to_h, f"{b}.mlp.hook_post")
        rec.output(block.mlp.dense_4h_to_h, f"{b}.hook_mlp_out")
        rec.output(block, f"{b}.hook_resid_post")
    hook_norm(rec, body.final_layer_norm, "ln_final", cfg.layer_norm_eps, centred=True)


def make_checkpoints(generator):
    few = ["blocks.1.hook_resid_post", "blocks.0.attn.hook_z", "logits"]
    eager = {"attn_implementation": "eager", "vocab_size": VOCAB}
    gpt2 = GPT2Config(n_embd=24, n_head=3, n_layer=2, n_positions=12, **eager)
    write_checkpoint("gpt2", GPT2LMHeadModel(gpt2), hook_gpt2, generator)
    variant = GPT2Config(
        n_embd=24,
        n_head=2,
        n_layer=2,
        n_positions=12,
        n_inner=40,
        activation_function="relu",
        scale_attn_by_inverse_layer_idx=True,
        tie_word_embeddings=False,
        **eager,
    )
    write_checkpoint("gpt2-variant", GPT2LMHeadModel(variant), hook_gpt2, generator, keep=few)
    neox = dict(hidden_size=24, num_attention_heads=3, num_hidden_layers=2, intermediate_size=40)
    neox.update(max_position_embeddings=16, **eager)
    parallel = GPTNeoXConfig(rotary_pct=0.25, use_parallel_residual=True, **neox)
    write_checkpoint("neox-parallel", GPTNeoXForCausalLM(parallel), hook_neox, generator)
    sequential = GPTNeoXConfig(
        rotary_pct=1.0, rotary_emb_base=100, use_parallel_residual=False, hidden_act="gelu_new", **neox
    )
    write_checkpoint("neox-sequential", GPTNeoXForCausalLM(sequential), hook_neox, generator)
    rope = {"rope_type": "linear", "factor": 2.0, "rope_theta": 50.0, "partial_rotary_factor": 0.5}
    linear = GPTNeoXConfig(rope_parameters=rope, **neox)
    write_checkpoint(
        "neox-fp16", GPTNeoXForCausalLM(linear), hook_neox, generator, torch.float16, keep=few
    )
    llama = dict(hidden_size=24, num_hidden_layers=2, intermediate_size=40, max_position_embeddings=16)
    llama.update(**eager)
    grouped = LlamaConfig(
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, rope_theta=500.0, **llama
    )
    write_checkpoint(
        "llama-grouped", LlamaForCausalLM(grouped), hook_decoder, generator, shard="20KB"
    )
    tied = LlamaConfig(
        num_attention_heads=3,
        num_key_value_heads=1,
        rms_norm_eps=1e-5,
        attention_bias=True,
        mlp_bias=True,
        tie_word_embeddings=True,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 30.0,
            "factor": 4.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
        **llama,
    )
    write_checkpoint("llama-tied", LlamaForCausalLM(tied), hook_decoder, generator)
    write_checkpoint(
        "llama-bf16", LlamaForCausalLM(grouped), hook_decoder, generator, torch.bfloat16, keep=few
    )


def make_llama2c(generator):
    """A tiny checkpoint in llama2.c's model.bin format next to the same weights as transformers has
    them."""
    cfg = LlamaConfig(
        hidden_size=16,
        num_hidden_layers=2,
        intermediate_size=24,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=VOCAB,
        max_position_embeddings=12,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
    )
    model = randomise(LlamaForCausalLM(cfg), generator)
    folder = os.path.join(HERE, "llama2c")
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in ("config.json", "generation_config.json"):
        os.remove(os.path.join(folder, extra))
    dh = cfg.hidden_size // cfg.num_attention_heads

    def interleaved(w):
        """Half-split rotary rows back to interleaved pairs."""
        heads = w.shape[0] // dh
        return w.view(heads, 2, dh // 2, -1).transpose(1, 2).reshape(w.shape)

    layers = model.model.layers
    parts = [model.model.embed_tokens.weight]
    parts += [l.input_layernorm.weight for l in layers]
    parts += [interleaved(l.self_attn.q_proj.weight) for l in layers]
    parts += [interleaved(l.self_attn.k_proj.weight) for l in layers]
    parts += [l.self_attn.v_proj.weight for l in layers]
    parts += [l.self_attn.o_proj.weight for l in layers]
    parts += [l.post_attention_layernorm.weight for l in layers]
    parts += [l.mlp.gate_proj.weight for l in layers]
    parts += [l.mlp.down_proj.weight for l in layers]
    parts += [l.mlp.up_proj.weight for l in layers]
    parts += [model.model.norm.weight, torch.zeros(2 * cfg.max_position_embeddings * dh // 2)]
    with open(os.path.join(folder, "model.bin"), "wb") as f:
        f.write(struct.pack("7i", 16, 24, 2, 4, 2, VOCAB, cfg.max_position_embeddings))
        for part in parts:
            f.write(part.detach().contiguous().numpy().astype("<f4").tobytes())


def make_onnx():
    """A foreign model: [batch, pos, width] tensors, int64 ids, an attention mask, and an `If` that
    reads from outside."""
    rng = np.random.default_rng(SEED)
    table = rng.normal(size=(VOCAB, 6)).astype(np.float32)
    weight = rng.normal(size=(6, 6)).astype(np.float32)
    value = lambda name, kind, shape: helper.make_tensor_value_info(name, kind, shape)
    branch = lambda op, out: helper.make_graph(
        [helper.make_node(op, ["mixed"], [out])], op, [], [value(out, TensorProto.FLOAT, None)]
    )
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask_column"]),
        helper.make_node("Mul", ["embedded", "mask_column"], ["masked"]),
        helper.make_node("MatMul", ["masked", "weight"], ["mixed"]),
        helper.make_node("ReduceMax", ["embedded"], ["peak"], keepdims=0),
        helper.make_node("Greater", ["peak", "zero"], ["positive"]),
        helper.make_node(
            "If",
            ["positive"],
            ["curved"],
            then_branch=branch("Tanh", "a"),
            else_branch=branch("Sigmoid", "b"),
        ),
        helper.make_node("Transpose", ["table"], ["unembedding"], perm=[1, 0]),
        helper.make_node("MatMul", ["curved", "unembedding"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "foreign",
        [
            value("input_ids", TensorProto.INT64, ["batch", "pos"]),
            value("attention_mask", TensorProto.INT64, ["batch", "pos"]),
        ],
        [value("logits", TensorProto.FLOAT, ["batch", "pos", VOCAB])],
        [
            helper.make_tensor("table", TensorProto.FLOAT, table.shape, table.tobytes(), raw=True),
            helper.make_tensor("weight", TensorProto.FLOAT, weight.shape, weight.flatten().tolist()),
            helper.make_tensor("last", TensorProto.INT64, [1], [-1]),
            helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        ],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="golden", ir_version=8
    )
    helper.set_model_props(model, {"made_by": "make.py"})
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, "foreign.onnx"))
    ids = rng.integers(0, VOCAB, size=(2, 4))
    mixed = table[ids] @ weight
    curved = np.tanh(mixed) if table[ids].max() > 0 else 1 / (1 + np.exp(-mixed))
    expected = {"ids": ids.flatten().tolist(), "mixed": mixed.flatten().tolist()}
    expected["logits"] = (curved @ table.T).flatten().tolist()
    with open(os.path.join(HERE, "foreign.json"), "w") as f:
        json.dump(expected, f)


TRICKY = [
    "Once upon a time, there was a little girl named Lily.",
    "",
    " ",
    "  two  spaces   and\ttabs\n\nnewlines\r\n",
    "don't you're I'LL we've",
    "caf\u00e9 cafe\u0301 na\u00efve \u00df \u0130stanbul",
    "\u4e2d\u6587\u5b57\u7b26 \u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4",
    "\U0001f642\U0001f469\u200d\U0001f4bb\U0001f3f3\ufe0f\u200d\U0001f308",
    "1234567890 3.14159 1,000,000",
    "def f(x):\n    return x**2  # comment\n",
    "<|endoftext|>after a separator<|endoftext|>",
    "\u2028\u00a0\u200b\ufeff",
    "aaaaaaaaaaaaaaaaaaaaaaaaa ---------- ........",
    "The quick brown fox\u2019s \u201cquote\u201d \u2014 jumps\u2026",
    "\x00\x01\x7f control",
]


def make_tokenizer_ids(folder):
    files = {"gpt2": "gpt2/tokenizer.json", "gpt-neox": "gpt-neox/20B_tokenizer.json"}
    out = {"strings": TRICKY}
    for name, path in files.items():
        tokenizer = tokenizers.Tokenizer.from_file(os.path.join(folder, path))
        out[name] = [tokenizer.encode(s, add_special_tokens=False).ids for s in TRICKY]
    with open(os.path.join(HERE, "tokenizer-ids.json"), "w") as f:
        json.dump(out, f)


if __name__ == "__main__":
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    make_checkpoints(generator)
    make_llama2c(generator)
    make_onnx()
    if len(sys.argv) > 1:
        make_tokenizer_ids(sys.argv[1])
    versions = {m.__name__: m.__version__ for m in (torch, transformers, tokenizers, onnx, np)}
    versions["seed"] = SEED
    with open(os.path.join(HERE, "versions.json"), "w") as f:
        json.dump(versions, f, indent=2)
    print(json.dumps(versions))
