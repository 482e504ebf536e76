"""SAEs that SAELens saves, and what SAELens makes of them and of ours.

write-ours.ts is to be run first.

    python make.py

Written with the versions recorded in versions.json; seed 0.
"""

import json
import pathlib
import platform

import sae_lens
import safetensors
import safetensors.torch
import torch
from sae_lens import (
    SAE,
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    GatedSAE,
    GatedSAEConfig,
    JumpReLUSAE,
    JumpReLUSAEConfig,
    StandardSAE,
    StandardSAEConfig,
    StandardTrainingSAE,
    StandardTrainingSAEConfig,
    TopKSAE,
    TopKSAEConfig,
)
from sae_lens.saes.sae import SAEMetadata

HERE = pathlib.Path(__file__).parent
D_IN, D_SAE, ROWS = 6, 10, 40
torch.manual_seed(0)


def drawn(sae):
    with torch.no_grad():
        for parameter in sae.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return sae


THEIRS = {
    "topk": TopKSAE(TopKSAEConfig(d_in=D_IN, d_sae=D_SAE, k=3)),
    "topk-rescaled": TopKSAE(TopKSAEConfig(d_in=D_IN, d_sae=D_SAE, k=3, rescale_acts_by_decoder_norm=True)),
    "standard": StandardSAE(StandardSAEConfig(d_in=D_IN, d_sae=D_SAE)),
    "standard-uncentred": StandardSAE(StandardSAEConfig(d_in=D_IN, d_sae=D_SAE, apply_b_dec_to_input=False)),
    "standard-bfloat16": StandardSAE(StandardSAEConfig(d_in=D_IN, d_sae=D_SAE, dtype="bfloat16")),
    "standard-hook-z": StandardSAE(
        StandardSAEConfig(
            d_in=D_IN,
            d_sae=D_SAE,
            reshape_activations="hook_z",
            metadata=SAEMetadata(hook_name="blocks.0.attn.hook_z"),
        )
    ),
    "standard-checkpoint": StandardTrainingSAE(StandardTrainingSAEConfig(d_in=D_IN, d_sae=D_SAE)),
    "topk-layer-norm": TopKSAE(TopKSAEConfig(d_in=D_IN, d_sae=D_SAE, k=3, normalize_activations="layer_norm")),
    "standard-constant-norm": StandardSAE(
        StandardSAEConfig(
            d_in=D_IN, d_sae=D_SAE, normalize_activations="constant_norm_rescale", apply_b_dec_to_input=False
        )
    ),
    "jumprelu": JumpReLUSAE(JumpReLUSAEConfig(d_in=D_IN, d_sae=D_SAE)),
    "gated": GatedSAE(GatedSAEConfig(d_in=D_IN, d_sae=D_SAE)),
    "gated-uncentred": GatedSAE(GatedSAEConfig(d_in=D_IN, d_sae=D_SAE, apply_b_dec_to_input=False)),
}
for name, sae in THEIRS.items():
    drawn(sae).save_model(HERE / "theirs" / name)
batch_topk = drawn(BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(d_in=D_IN, d_sae=D_SAE, k=3)))
batch_topk.topk_threshold = torch.tensor(0.7, dtype=torch.double)
batch_topk.save_inference_model(HERE / "theirs" / "batch-topk")

# Folders of SAELens before version 6, as its own loader still reads them.
LEGACY = {
    "legacy-no-architecture": {"activation_fn_str": "relu", "activation_fn_kwargs": {}},
    "legacy-topk": {"architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 4}},
    "legacy-topk-layer-norm": {
        "architecture": "topk",
        "activation_fn": "topk",
        "activation_fn_kwargs": {"k": 2},
        "normalize_activations": "layer_norm",
    },
    "legacy-oldest": {"hook_point": "blocks.2.hook_resid_pre", "hook_point_layer": 2, "use_ghost_grads": True},
}
for name, keys in LEGACY.items():
    folder = HERE / "theirs" / name
    folder.mkdir(exist_ok=True)
    weights = {
        "W_enc": torch.randn(D_IN, D_SAE),
        "W_dec": torch.randn(D_SAE, D_IN),
        "b_enc": torch.randn(D_SAE),
        "b_dec": torch.randn(D_IN),
    }
    if name == "legacy-oldest":
        weights["scaling_factor"] = torch.ones(D_SAE)
    safetensors.torch.save_file(weights, folder / "sae_weights.safetensors")
    known = {"d_in": D_IN, "d_sae": D_SAE, "dtype": "torch.float32", "device": "cpu", "model_name": "gpt2-small"}
    (folder / "cfg.json").write_text(json.dumps({**known, **keys}))

x = torch.randn(ROWS, D_IN)
results = {"x": x}
metadata = {}
folders = sorted((HERE / "theirs").iterdir()) + sorted((HERE / "ours").iterdir())
for folder in folders:
    # Half precision is a way to store weights; arithmetic is in float32.
    sae = SAE.load_from_disk(str(folder), device="cpu", dtype="float32")
    if folder.parent.name == "ours":
        metadata[folder.name] = sae.cfg.metadata.to_dict()
    with torch.no_grad():
        codes = sae.encode(x.reshape(ROWS, 2, -1) if sae.hook_z_reshaping_mode else x)
        codes = codes.to_dense() if codes.is_sparse else codes
        results[f"{folder.parent.name}/{folder.name}.codes"] = codes.contiguous()
        y = sae.decode(codes).reshape(ROWS, D_IN)
        results[f"{folder.parent.name}/{folder.name}.reconstructions"] = y.contiguous()
# What SAELens makes of an SAE that was trained on activations times a factor, for activations as
# they are.
sae = SAE.load_from_disk(str(HERE / "ours" / "topk"), device="cpu")
sae.fold_activation_norm_scaling_factor(0.3)
with torch.no_grad():
    results["folded.codes"] = sae.encode(x).contiguous()
    results["folded.reconstructions"] = sae(x).contiguous()
safetensors.torch.save_file(results, HERE / "results.safetensors")
(HERE / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n")
versions = {
    "python": platform.python_version(),
    "sae_lens": sae_lens.__version__,
    "torch": torch.__version__,
    "safetensors": safetensors.__version__,
    "seed": 0,
}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
