"""What the package concept-erasure makes of rows with two classes.

    python make.py

Versions and seed are in versions.json. Everything is in float64, and the results are rounded.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
import torch
from concept_erasure import LeaceFitter
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
SEED = 0
random = np.random.default_rng(SEED)

# Correlated dimensions, of which two carry the class; the last repeats the first, so that the
# covariance has no inverse.
ROWS, D = 80, 6
labels = (random.random(ROWS) < 0.4).astype(np.uint8)
rows = random.standard_normal((ROWS, D)) @ random.standard_normal((D, D)) + 1
rows[:, 0] += 1.5 * labels
rows[:, 2] -= labels
rows[:, 5] = rows[:, 0]
rows = rows.astype(np.float32)

x, z = torch.from_numpy(rows).double(), torch.from_numpy(labels).double()
tensors = {"rows": rows, "labels": labels}
for name, shrinkage in (("leace", False), ("leace_shrunk", True)):
    fitter = LeaceFitter(D, 1, dtype=torch.float64, shrinkage=shrinkage, constrain_cov_trace=False)
    tensors[name] = fitter.update(x, z).eraser(x).numpy()

save_file({name: np.ascontiguousarray(t) for name, t in tensors.items()}, HERE / "arrays.safetensors")
packages = ("numpy", "torch", "concept-erasure", "safetensors")
HERE.joinpath("versions.json").write_text(
    json.dumps({"seed": SEED, **{name: version(name) for name in packages}}, indent=2) + "\n"
)
