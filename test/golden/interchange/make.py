"""SAE folders that other programs save, and what these programs compute with them.

    python make.py

dictionary_learning and sparsify save and run their own classes. Gemma Scope's arrays are written
with numpy and run by SAELens's JumpReLU, as SAELens loads them. Versions and seed are in
versions.json.
"""

import json
import pathlib
import shutil
from importlib.metadata import version

import numpy as np
import torch
from dictionary_learning.dictionary import AutoEncoder, AutoEncoderNew, GatedAutoEncoder, JumpReluAutoEncoder
from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
from dictionary_learning.trainers.top_k import AutoEncoderTopK
from sae_lens import JumpReLUSAE, JumpReLUSAEConfig
from safetensors.torch import save_file
from sparsify import SparseCoder, SparseCoderConfig
from sparsify.utils import eager_decode

HERE = pathlib.Path(__file__).parent
D_IN, D_SAE, K, ROWS, SEED = 6, 10, 3, 40, 0
torch.manual_seed(SEED)
x = torch.randn(ROWS, D_IN)
results = {"x": x}


def folder(name):
    path = HERE / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def drawn(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return module


def with_threshold(module, threshold):
    module.threshold.fill_(threshold)
    return module


def keep(name, codes, reconstructions):
    results[f"{name}.codes"] = codes.detach().float().contiguous().clone()
    results[f"{name}.reconstructions"] = reconstructions.detach().float().contiguous()


THEIRS = {
    "AutoEncoder": AutoEncoder(D_IN, D_SAE),
    "AutoEncoderNew": AutoEncoderNew(D_IN, D_SAE),
    "GatedAutoEncoder": GatedAutoEncoder(D_IN, D_SAE),
    "JumpReluAutoEncoder": JumpReluAutoEncoder(D_IN, D_SAE),
    "AutoEncoderTopK": AutoEncoderTopK(D_IN, D_SAE, K),
    "BatchTopKSAE": with_threshold(BatchTopKSAE(D_IN, D_SAE, K), 0.8),
    "BatchTopKSAE-unset": BatchTopKSAE(D_IN, D_SAE, K),
    "MatryoshkaBatchTopKSAE": with_threshold(MatryoshkaBatchTopKSAE(D_IN, D_SAE, K, [4, 6]), 0.8),
}
for name, module in THEIRS.items():
    module = drawn(module)
    path = folder(f"dictionary_learning/{name}")
    config = {"trainer": {"dict_class": type(module).__name__, "lm_name": "gpt2", "seed": 3}, "buffer": {}}
    (path / "config.json").write_text(json.dumps(config))
    torch.save(module.state_dict(), path / "ae.pt")
    keep(f"dictionary_learning/{name}", module.encode(x), module.decode(module.encode(x)))

# What ae.pt is while a trainer keeps backups.
module = THEIRS["AutoEncoderTopK"]
path = folder("dictionary_learning/backup")
(path / "config.json").write_text(json.dumps({"trainer": {"dict_class": "AutoEncoderTopK"}}))
state = {"step": 7, "ae": module.state_dict(), "optimizer": {"state": {}}, "config": {"k": K}, "norm_factor": None}
torch.save(state, path / "ae.pt")
keep("dictionary_learning/backup", module.encode(x), module.decode(module.encode(x)))

coder = drawn(SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K)))
path = folder("sparsify/topk")
coder.save_to_disk(path)
top = coder.encode(x)
codes = torch.zeros(ROWS, D_SAE).scatter_(1, top.top_indices, top.top_acts)
# coder.decode on a machine without a GPU: its own eager kernel.
decoded = eager_decode(top.top_indices, top.top_acts, coder.W_dec.mT) + coder.b_dec
keep("sparsify/topk", codes, decoded)

jump = drawn(JumpReLUSAE(JumpReLUSAEConfig(d_in=D_IN, d_sae=D_SAE, apply_b_dec_to_input=False)))
arrays = {name: getattr(jump, name).detach().numpy() for name in ["W_enc", "W_dec", "b_enc", "b_dec", "threshold"]}
np.savez(folder("gemma_scope/first") / "params.npz", **arrays)
np.savez_compressed(folder("gemma_scope/compressed") / "params.npz", **arrays)
lower = {name.lower(): torch.tensor(array) for name, array in arrays.items()}
save_file(lower, folder("gemma_scope/second") / "params.safetensors")
codes = jump.encode(x)
for name in ["first", "compressed", "second"]:
    keep(f"gemma_scope/{name}", codes, jump.decode(codes))

save_file(results, HERE / "results.safetensors")
packages = ["torch", "numpy", "dictionary-learning", "eai-sparsify", "sae-lens", "safetensors"]
versions = {"seed": SEED, **{name: version(name) for name in packages}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
