"""Checkpoints that SAELens leaves while it trains with a batch-wide k, and what its own inference
model computes.

    python make_checkpoints.py

Written with the versions recorded in versions.json; seed 1.
"""

import pathlib
import shutil
import tempfile

import safetensors.torch
import torch
from sae_lens import (
    SAE,
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig,
)

HERE = pathlib.Path(__file__).parent / "checkpoints"
D_IN, D_SAE, ROWS = 6, 10, 40
torch.manual_seed(1)
shutil.rmtree(HERE, ignore_errors=True)

SHAPE = {"d_in": D_IN, "d_sae": D_SAE}
CHECKPOINTS = {
    "batchtopk": BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**SHAPE, k=2.5)),
    "batchtopk-not-rescaled": BatchTopKTrainingSAE(
        BatchTopKTrainingSAEConfig(**SHAPE, k=3, rescale_acts_by_decoder_norm=False)
    ),
    "matryoshka": MatryoshkaBatchTopKTrainingSAE(
        MatryoshkaBatchTopKTrainingSAEConfig(**SHAPE, k=3, matryoshka_widths=[4, 10])
    ),
}
x = torch.randn(ROWS, D_IN)
results = {"x": x}
for name, sae in CHECKPOINTS.items():
    with torch.no_grad():
        for parameter in sae.parameters():
            parameter.copy_(torch.randn_like(parameter))
    sae.topk_threshold = torch.tensor(0.7, dtype=torch.double)
    sae.save_model(HERE / name)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        sae.save_inference_model(folder)
        inference = SAE.load_from_disk(folder, device="cpu")
        codes = inference.encode(x)
        results[f"{name}.codes"] = codes.contiguous()
        results[f"{name}.reconstructions"] = inference.decode(codes).contiguous()
safetensors.torch.save_file(results, HERE / "results.safetensors")
