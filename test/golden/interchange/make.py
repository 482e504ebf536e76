"""SAE folders that other programs save, and what these programs compute with them.

    OPENAI_MODEL=<sparse_autoencoder/model.py of openai/sparse_autoencoder at 4965b94> python make.py

dictionary_learning, sparsify and OpenAI's module save and run their own classes. Gemma Scope's
arrays are written with numpy and run by SAELens's JumpReLU, as SAELens loads them. Versions and
seed are in versions.json.
"""

import importlib.util
import json
import os
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
save_file(lower, folder("gemma_scope_2/second") / "params.safetensors")
codes = jump.encode(x)
for name in ["gemma_scope/first", "gemma_scope/compressed", "gemma_scope_2/second"]:
    keep(name, codes, jump.decode(codes))

spec = importlib.util.spec_from_file_location("openai_model", os.environ["OPENAI_MODEL"])
theirs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(theirs)


def autoencoder(activation, **options):
    return drawn(theirs.Autoencoder(D_SAE, D_IN, activation=activation, **options))


identity = theirs.TopK(K, postact_fn=torch.nn.Identity())
OPENAI = {
    "ReLU": autoencoder(torch.nn.ReLU()),
    "TopK": autoencoder(theirs.TopK(K), normalize=True),
    "TopK-identity": autoencoder(identity, normalize=True),
    "tied": autoencoder(torch.nn.ReLU(), tied=True),
    "without-activation": autoencoder(torch.nn.ReLU()),
    "with-arguments": autoencoder(theirs.TopK(K), normalize=False),
    "nested": autoencoder(torch.nn.ReLU(), normalize=True),
}
for name, module in OPENAI.items():
    state = module.state_dict()
    if name == "without-activation":
        del state["activation"], state["activation_state_dict"]
    if name == "with-arguments":
        state.update(n_latents=D_SAE, n_inputs=D_IN, tied=False, normalize=False)
    if name == "nested":
        state = {"n_latents": D_SAE, "n_inputs": D_IN, "normalize": True, "state_dict": state}
    torch.save(state, folder(f"openai/{name}") / f"{len(name)}.pt")
    codes, info = module.encode(x)
    keep(f"openai/{name}", codes, module.decode(codes, info))

save_file(results, HERE / "results.safetensors")
packages = ["torch", "numpy", "dictionary-learning", "eai-sparsify", "sae-lens", "safetensors"]
versions = {"seed": SEED, "openai/sparse_autoencoder": "4965b941e9eb590b00b253a2c406db1e1b193942", **{name: version(name) for name in packages}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
