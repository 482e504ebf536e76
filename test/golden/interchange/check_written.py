"""What the programs of each format compute with SAEs that Concord wrote, against the probes
beside them.

    npx tsx write-ours.ts <folder>
    OPENAI_MODEL=<sparse_autoencoder/model.py of openai/sparse_autoencoder at 4965b94> python check_written.py <folder>

Writes the largest differences, as fractions of the largest number of the probe, and the versions
to written.json.
Fails above 1e-5.
"""

import importlib.util
import json
import os
import pathlib
import sys
from importlib.metadata import version

import numpy as np
import torch
from dictionary_learning.dictionary import AutoEncoder
from dictionary_learning.utils import load_dictionary
from sae_lens import SAE, JumpReLUSAE, JumpReLUSAEConfig
from safetensors.torch import load_file
from sparsify import SparseCoder
from sparsify.utils import eager_decode

HERE = pathlib.Path(__file__).parent
OUT = pathlib.Path(sys.argv[1])


def saelens(path, x):
    sae = SAE.load_from_disk(str(path), device="cpu")
    codes = sae.encode(x)
    codes = codes.to_dense() if codes.is_sparse else codes
    return codes, sae.decode(codes)


def dictionary_learning(path, x):
    sae, config = load_dictionary(str(path), device="cpu")
    y = sae.decode(sae.encode(x))
    if config["trainer"]["dict_class"] == "AutoEncoder":
        # Its atoms are not of length one, and load_dictionary makes them so: reconstructions stay
        # the same.
        sae = AutoEncoder.from_pretrained(path / "ae.pt", normalize_decoder=False)
    torch.load(path / "ae.pt", weights_only=True, mmap=True)
    return sae.encode(x), y


def sparsify(path, x):
    sae = SparseCoder.load_from_disk(path)
    top = sae.encode(x)
    codes = torch.zeros(len(x), sae.num_latents).scatter_(1, top.top_indices, top.top_acts)
    return codes, eager_decode(top.top_indices, top.top_acts, sae.W_dec.mT) + sae.b_dec


def jumprelu(arrays, x):
    state = {name: torch.as_tensor(array).float() for name, array in arrays.items()}
    d_in, d_sae = state["W_enc"].shape
    sae = JumpReLUSAE(JumpReLUSAEConfig(d_in=d_in, d_sae=d_sae, apply_b_dec_to_input=False))
    sae.load_state_dict(state)
    codes = sae.encode(x)
    return codes, sae.decode(codes)


def gemma_scope(path, x):
    return jumprelu(np.load(path / "params.npz"), x)


def gemma_scope_2(path, x):
    names = {"w_enc": "W_enc", "w_dec": "W_dec"}
    tensors = load_file(path / "params.safetensors")
    return jumprelu({names.get(name, name): tensor for name, tensor in tensors.items()}, x)


def openai(path, x):
    spec = importlib.util.spec_from_file_location("openai_model", os.environ["OPENAI_MODEL"])
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    state = torch.load(path / "autoencoder.pt", weights_only=True)
    sae = theirs.Autoencoder.from_state_dict(state)
    codes, info = sae.encode(x)
    return codes, sae.decode(codes, info)


def difference(found, probe):
    return float((found - probe).abs().max() / probe.abs().max())


differences = {}
for folder in sorted(OUT.glob("*/*")):
    probe = load_file(folder / "probe.safetensors")
    with torch.no_grad():
        codes, reconstructions = globals()[folder.parent.name](folder, probe["x"])
    differences[f"{folder.parent.name}/{folder.name}"] = {
        "codes": difference(codes, probe["codes"]),
        "reconstructions": difference(reconstructions, probe["reconstructions"]),
    }
packages = ["torch", "numpy", "dictionary-learning", "eai-sparsify", "sae-lens", "safetensors"]
versions = {name: version(name) for name in packages}
versions["openai/sparse_autoencoder"] = "4965b941e9eb590b00b253a2c406db1e1b193942"
(HERE / "written.json").write_text(json.dumps({"versions": versions, "differences": differences}, indent=1) + "\n")
worst = max(max(both.values()) for both in differences.values())
print(f"{len(differences)} SAEs, largest difference {worst:.2g}")
sys.exit(0 if worst < 1e-5 else 1)
