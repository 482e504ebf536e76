"""Makes the golden files of the Mistral, Qwen, Gemma and Phi families, as make.py does those of
the others.

    python make_families.py

Windows of sliding attention are shorter than the 9 positions, and soft caps are small enough to
matter.
The versions that made the files are in versions-families.json.
"""

import json
import os

import safetensors
import torch
import transformers
from recorder import HERE, SEED, VOCAB, hook_decoder, hook_norm, write_checkpoint
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    MistralConfig,
    MistralForCausalLM,
    PhiConfig,
    PhiForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

FEW = ["blocks.1.hook_resid_post", "blocks.0.attn.hook_z", "logits"]


def hook_phi(model, rec):
    body, eps = model.model, model.config.layer_norm_eps
    rec.output(body.embed_tokens, "hook_embed")
    for i, block in enumerate(body.layers):
        b = f"blocks.{i}"
        attn, mlp = block.self_attn, block.mlp
        rec.input(block.input_layernorm, f"{b}.hook_resid_pre")
        hook_norm(rec, block.input_layernorm, f"{b}.ln1", eps, centred=True)
        for part in "qkv":
            rec.output(getattr(attn, f"{part}_proj"), f"{b}.attn.hook_{part}")
        for part in "qk":
            if model.config.qk_layernorm:
                rec.heads(getattr(attn, f"{part}_layernorm"), f"{b}.attn.{part}_norm.hook_out", True)
        rec.input(attn.dense, f"{b}.attn.hook_z")
        rec.output(attn.dense, f"{b}.hook_attn_out")
        rec.output(mlp.fc1, f"{b}.mlp.hook_pre")
        rec.input(mlp.fc2, f"{b}.mlp.hook_post")
        rec.output(mlp.fc2, f"{b}.hook_mlp_out")
        rec.output(block, f"{b}.hook_resid_post")
    hook_norm(rec, body.final_layernorm, "ln_final", eps, centred=True)


def write(name, model, hooks=hook_decoder, **options):
    """Every checkpoint has a generator of its own, so that one can be changed alone."""
    generator = torch.Generator().manual_seed(SEED + sum(name.encode()))
    write_checkpoint(name, model, hooks, generator, **options)


def main():
    common = dict(attn_implementation="eager", vocab_size=VOCAB, hidden_size=24, num_hidden_layers=2)
    common.update(max_position_embeddings=16, bos_token_id=1, eos_token_id=2, pad_token_id=0)
    common.update(num_attention_heads=4, num_key_value_heads=2, intermediate_size=40)
    rope = {"rope_type": "default", "rope_theta": 50.0}
    mistral = MistralConfig(head_dim=8, sliding_window=4, rope_parameters=rope, **common)
    write("mistral", MistralForCausalLM(mistral), shard="20KB")
    qwen2 = Qwen2Config(
        use_sliding_window=True,
        sliding_window=3,
        max_window_layers=1,
        tie_word_embeddings=True,
        rope_parameters=rope,
        **common,
    )
    write("qwen2", Qwen2ForCausalLM(qwen2), dtype=torch.float16)
    qwen3 = Qwen3Config(head_dim=8, rope_parameters=rope, **common)
    write("qwen3", Qwen3ForCausalLM(qwen3), dtype=torch.bfloat16)
    sliding = Qwen3Config(
        head_dim=8,
        attention_bias=True,
        use_sliding_window=True,
        sliding_window=5,
        layer_types=["sliding_attention", "full_attention"],
        rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 50.0},
        **common,
    )
    write("qwen3-variant", Qwen3ForCausalLM(sliding), shard="20KB", keep=FEW)
    gemma2 = Gemma2Config(
        head_dim=8,
        sliding_window=4,
        query_pre_attn_scalar=5,
        attn_logit_softcapping=1.5,
        final_logit_softcapping=3.0,
        rope_parameters=rope,
        **common,
    )
    write("gemma2", Gemma2ForCausalLM(gemma2), dtype=torch.bfloat16, shard="12KB")
    uncapped = Gemma2Config(
        head_dim=6,
        sliding_window=3,
        layer_types=["full_attention", "sliding_attention"],
        query_pre_attn_scalar=6,
        attn_logit_softcapping=None,
        final_logit_softcapping=None,
        attention_bias=True,
        tie_word_embeddings=False,
        hidden_activation="silu",
        rope_parameters=rope,
        **common,
    )
    write("gemma2-variant", Gemma2ForCausalLM(uncapped), keep=FEW)
    gemma3 = Gemma3TextConfig(
        head_dim=8,
        sliding_window=4,
        sliding_window_pattern=2,
        query_pre_attn_scalar=5,
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 500.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 20.0},
        },
        **common,
    )
    write("gemma3", Gemma3ForCausalLM(gemma3), dtype=torch.float16, shard="12KB")
    capped = Gemma3TextConfig(
        head_dim=8,
        sliding_window=5,
        layer_types=["full_attention", "sliding_attention"],
        query_pre_attn_scalar=8,
        final_logit_softcapping=3.0,
        attention_bias=True,
        **common,
    )
    write("gemma3-variant", Gemma3ForCausalLM(capped), keep=FEW)
    # A model of texts and images, whose config leaves all that it can to the defaults.
    text = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, head_dim=8)
    text.update(vocab_size=VOCAB, layer_types=["sliding_attention", "full_attention"], sliding_window=4)
    vision = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    vision.update(image_size=4, patch_size=2)
    both = Gemma3Config(
        text_config=text,
        vision_config=vision,
        image_token_index=60,
        mm_tokens_per_image=4,
        boi_token_index=58,
        eoi_token_index=59,
        attn_implementation="eager",
    )
    write("gemma3-images", Gemma3ForConditionalGeneration(both), dtype=torch.bfloat16, keep=FEW)
    phi = {**common, "num_key_value_heads": 4, "hidden_size": 32}
    partial = {"rope_type": "default", "rope_theta": 50.0, "partial_rotary_factor": 0.5}
    write("phi", PhiForCausalLM(PhiConfig(rope_parameters=partial, **phi)), hook_phi, shard="20KB")
    grouped = PhiConfig(
        qk_layernorm=True,
        tie_word_embeddings=True,
        rope_parameters={**partial, "partial_rotary_factor": 0.25},
        **{**phi, "num_key_value_heads": 2},
    )
    keep = [*FEW, "blocks.1.attn.q_norm.hook_out", "blocks.1.attn.k_norm.hook_out"]
    write("phi-variant", PhiForCausalLM(grouped), hook_phi, dtype=torch.bfloat16, keep=keep)


if __name__ == "__main__":
    torch.manual_seed(SEED)
    main()
    versions = {m.__name__: m.__version__ for m in (torch, transformers, safetensors)}
    versions["seed"] = SEED
    with open(os.path.join(HERE, "versions-families.json"), "w") as f:
        json.dump(versions, f, indent=2)
    print(json.dumps(versions))
