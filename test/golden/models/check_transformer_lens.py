"""Compares every hook of the golden files with TransformerLens 3 itself.

    python check_transformer_lens.py    (made with 3.9.0, torch 2.15.0, transformers 5.24.0)

Prints the worst difference by hook name without the layer, and exits with 1 when one is above
rounding.
"""

import os
import sys

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.models import BPE
from transformer_lens.model_bridge import TransformerBridge
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = ["gpt2", "neox-parallel", "neox-sequential", "llama-grouped", "llama-tied"]
GOLDEN += ["mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi"]
MODELS = sys.argv[1:] or GOLDEN
TOLERANCE = 1e-5


def worst_differences(name):
    path = os.path.join(HERE, name)
    hf = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")
    # The checkpoints have no tokenizer, and need none here.
    empty = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(BPE({"a": 0, "b": 1}, [])), bos_token="a", eos_token="b", pad_token="b"
    )
    empty.init_kwargs["name_or_path"] = path
    bridge = TransformerBridge.boot_transformers(
        path, hf_model=hf, tokenizer=empty, device="cpu", dtype=torch.float32
    )
    expected = load_file(os.path.join(path, "expected.safetensors"))
    logits, cache = bridge.run_with_cache(expected["tokens"].long())
    worst = {}
    for hook, tensor in expected.items():
        found = logits if hook == "logits" else cache[hook] if hook in cache else None
        if found is None:
            continue
        if "_norm.hook_out" in hook:  # there [batch, heads, pos, d_head]
            found = found.transpose(1, 2)
        key = hook.split(".", 2)[2] if hook.startswith("blocks.") else hook
        difference = (found.reshape(tensor.shape) - tensor).abs().max() / tensor.pow(2).mean().sqrt()
        worst[key] = max(worst.get(key, 0), difference.item())
    return worst


if __name__ == "__main__":
    failed = False
    for model in MODELS:
        for hook, difference in worst_differences(model).items():
            failed |= difference > TOLERANCE
            print(f"{model:16} {hook:28} {difference:.1e}")
    sys.exit(failed)
