"""Writes tiny checkpoints with random weights, and beside each what PyTorch has at every hook:
`expected.safetensors` holds the token
ids and the tensor of every hook, [batch * pos, width], gathered with forward hooks in float32. make.py and make_families.py use it.
"""

import os
import shutil

import torch
from safetensors.torch import save_file

SEED = 20261121
HERE = os.path.dirname(os.path.abspath(__file__))
VOCAB, BATCH, POS = 61, 2, 9
# The output projection of attention; the first in a model is replaced by zeros for the `ablated`
# tensors.
OUTPUT_PROJECTIONS = ("attn.c_proj", "attention.dense", "self_attn.o_proj", "self_attn.dense")


def randomise(model, generator):
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            is_gain = p.ndim == 1 and name.endswith("weight")
            p.copy_(1 + 0.2 * noise if is_gain else noise * (0.5 if p.ndim == 1 else 0.25))
    return model.eval()


class Recorder:
    """Collects module inputs and outputs, flattened to [batch * pos, width]."""

    def __init__(self):
        self.tensors = {}

    def put(self, name, tensor):
        tensor = tensor.expand(BATCH, *tensor.shape[1:])
        self.tensors[name] = tensor.detach().float().reshape(BATCH * POS, -1).contiguous().clone()

    def output(self, module, name):
        module.register_forward_hook(
            lambda _m, _i, out: self.put(name, out[0] if isinstance(out, tuple) else out)
        )

    def input(self, module, name):
        module.register_forward_pre_hook(lambda _m, args: self.put(name, args[0]))

    def heads(self, module, name, transposed):
        """What a norm of single heads returns; `transposed` where that is [batch, heads, pos,
        d_head]."""
        module.register_forward_hook(
            lambda _m, _i, out: self.put(name, out.transpose(1, 2) if transposed else out)
        )


def hook_norm(rec, module, name, eps, centred):
    """TransformerLens 3 has the input, centred for LayerNorm, over its root mean square in
    hook_normalized, in front of gain and bias;
    hook_out is what the module returns."""

    def normalized(_m, args):
        x = args[0] - args[0].mean(-1, keepdim=True) if centred else args[0]
        rec.put(f"{name}.hook_normalized", x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps))

    module.register_forward_pre_hook(normalized)
    rec.output(module, f"{name}.hook_out")


def hook_decoder(model, rec):
    """Hooks of transformers' decoders with RMSNorm: Llama, Mistral, Qwen, and Gemma with norms
    behind attention and MLP as well."""
    body = getattr(model.model, "language_model", model.model)
    eps = body.config.rms_norm_eps

    def norm(module, name):
        hook_norm(rec, module, name, eps, centred=False)

    rec.output(body.embed_tokens, "hook_embed")
    for i, block in enumerate(body.layers):
        b = f"blocks.{i}"
        attn, mlp = block.self_attn, block.mlp
        has_post_norms = hasattr(block, "post_feedforward_layernorm")
        in_front_of_mlp = block.pre_feedforward_layernorm if has_post_norms else block.post_attention_layernorm
        rec.input(block.input_layernorm, f"{b}.hook_resid_pre")
        norm(block.input_layernorm, f"{b}.ln1")
        for part in "qkv":
            rec.output(getattr(attn, f"{part}_proj"), f"{b}.attn.hook_{part}")
        for part in "qk":
            if hasattr(attn, f"{part}_norm"):
                # Qwen 3 normalises heads in front of the transposition to [batch, heads, pos,
                # d_head], Gemma 3 behind it.
                rec.heads(getattr(attn, f"{part}_norm"), f"{b}.attn.{part}_norm.hook_out", has_post_norms)
        rec.input(attn.o_proj, f"{b}.attn.hook_z")
        if has_post_norms:
            rec.output(attn.o_proj, f"{b}.attn.hook_out")
            norm(block.post_attention_layernorm, f"{b}.ln1_post")
            rec.output(block.post_attention_layernorm, f"{b}.hook_attn_out")
            rec.output(mlp.down_proj, f"{b}.mlp.hook_out")
            norm(block.post_feedforward_layernorm, f"{b}.ln2_post")
            rec.output(block.post_feedforward_layernorm, f"{b}.hook_mlp_out")
        else:
            rec.output(attn.o_proj, f"{b}.hook_attn_out")
            rec.output(mlp.down_proj, f"{b}.hook_mlp_out")
        rec.input(in_front_of_mlp, f"{b}.hook_resid_mid")
        norm(in_front_of_mlp, f"{b}.ln2")
        rec.output(mlp.gate_proj, f"{b}.mlp.hook_pre")
        rec.output(mlp.up_proj, f"{b}.mlp.hook_pre_linear")
        rec.input(mlp.down_proj, f"{b}.mlp.hook_post")
        rec.output(block, f"{b}.hook_resid_post")
    norm(body.norm, "ln_final")


def write_checkpoint(name, model, hooks, generator, dtype=torch.float32, shard="1GB", keep=None):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    randomise(model, generator)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    os.remove(os.path.join(folder, "generation_config.json"))
    # The weights as stored, the arithmetic (rotary tables too) in float32.
    model = type(model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    rec = Recorder()
    hooks(model, rec)
    tokens = torch.randint(0, VOCAB, (BATCH, POS), generator=generator)
    with torch.no_grad():
        out = model(tokens, labels=tokens)
    rec.put("logits", out.logits)
    kept = {k: v for k, v in rec.tensors.items() if keep is None or k in keep}
    first = next(m for n, m in model.named_modules() if n.endswith(OUTPUT_PROJECTIONS))
    first.register_forward_hook(lambda _m, _i, y: torch.zeros_like(y))
    with torch.no_grad():
        ablated = model(tokens, labels=tokens)
    kept["ablated.logits"] = ablated.logits.reshape(BATCH * POS, -1)
    kept["ablated.loss"] = ablated.loss.reshape(1)
    kept["tokens"] = tokens.to(torch.int32)
    kept["loss"] = out.loss.float().reshape(1)  # mean cross-entropy of the next token
    save_file(kept, os.path.join(folder, "expected.safetensors"))
