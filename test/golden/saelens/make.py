"""SAEs that SAELens saves, and what SAELens makes of them and of ours (see write-ours.ts, to be run first).

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
from sae_lens import SAE, StandardSAE, StandardSAEConfig, TopKSAE, TopKSAEConfig

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
}
for name, sae in THEIRS.items():
    drawn(sae).save_model(HERE / "theirs" / name)

x = torch.randn(ROWS, D_IN)
results = {"x": x}
folders = sorted((HERE / "theirs").iterdir()) + sorted((HERE / "ours").iterdir())
for folder in folders:
    # Half precision is a way to store weights; arithmetic is in float32.
    sae = SAE.load_from_disk(str(folder), device="cpu", dtype="float32")
    with torch.no_grad():
        codes = sae.encode(x)
        codes = codes.to_dense() if codes.is_sparse else codes
        results[f"{folder.parent.name}/{folder.name}.codes"] = codes.contiguous()
        results[f"{folder.parent.name}/{folder.name}.reconstructions"] = sae.decode(codes).contiguous()
safetensors.torch.save_file(results, HERE / "results.safetensors")
versions = {
    "python": platform.python_version(),
    "sae_lens": sae_lens.__version__,
    "torch": torch.__version__,
    "safetensors": safetensors.__version__,
    "seed": 0,
}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
