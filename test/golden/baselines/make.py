"""What scikit-learn makes of the same rows: PCA, FastICA and NMF.

    python make.py

Versions and seed are in versions.json. FastICA and NMF start from the given numbers, so that single
steps can be compared as well as what they lead to.
"""

import json
import pathlib
import warnings
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file
from sklearn.decomposition import NMF, PCA, FastICA
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
SEED = 0
random = np.random.default_rng(SEED)
tensors, numbers = {}, {}

# Six dimensions mixed from heavy-tailed sources, of very different scale, around a mean.
ROWS, D = 600, 6
sources = random.laplace(size=(ROWS, D)) * np.linspace(2, 0.5, D)
mixed = sources @ random.standard_normal((D, D)) * np.geomspace(0.1, 10, D) + 3 * random.standard_normal(D)
mixed = mixed.astype(np.float32)
tensors["rows"] = mixed
x = mixed.astype(np.float64)

pca = PCA().fit(x)
tensors["pca.components"] = pca.components_.astype(np.float32)
tensors["pca.mean"] = pca.mean_.astype(np.float32)
numbers["pca_ratio"] = pca.explained_variance_ratio_.tolist()

# The founding code standardises first; the start is relative to the whitened rows.
scaler = StandardScaler().fit(x)
start = random.standard_normal((D, D)).astype(np.float32)
tensors["ica.start"] = start
for name, steps, tol in [("two_steps", 2, 1e-12), ("converged", 500, 1e-9)]:
    ica = FastICA(w_init=start.astype(np.float64), max_iter=steps, tol=tol, whiten="unit-variance", whiten_solver="eigh")
    ica.fit(scaler.transform(x))
    # Rows in input space.
    mixing = (ica.mixing_ * scaler.scale_[:, None]).T
    unmixing = ica.components_ / scaler.scale_
    tensors[f"ica.{name}.mixing"] = mixing.astype(np.float32)
    tensors[f"ica.{name}.unmixing"] = unmixing.astype(np.float32)
    tensors[f"ica.{name}.standardised"] = ica.components_.astype(np.float32)
    numbers[f"ica_{name}_iterations"] = ica.n_iter_

# Non-negative rows of four parts.
PARTS, N = 8, 4
parts = random.random((N, PARTS)) * (random.random((N, PARTS)) < 0.6)
codes = random.exponential(size=(200, N)) * (random.random((200, N)) < 0.5)
positive = (codes @ parts + 0.01 * random.random((200, PARTS))).astype(np.float32)
h, w = (random.random((200, N)).astype(np.float32), random.random((N, PARTS)).astype(np.float32))
tensors.update({"nmf.rows": positive, "nmf.codes": h, "nmf.atoms": w})
for name, steps in [("three_steps", 3), ("many_steps", 300)]:
    nmf = NMF(n_components=N, init="custom", solver="cd", max_iter=steps, tol=1e-6, shuffle=False)
    found = nmf.fit_transform(positive.astype(np.float64), W=h.astype(np.float64), H=w.astype(np.float64))
    tensors[f"nmf.{name}.codes"] = found.astype(np.float32)
    tensors[f"nmf.{name}.atoms"] = nmf.components_.astype(np.float32)
    numbers[f"nmf_{name}_iterations"] = int(nmf.n_iter_)

save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, HERE / "arrays.safetensors")
(HERE / "expected.json").write_text(json.dumps(numbers, indent=2) + "\n")
libraries = ["numpy", "scikit-learn", "safetensors"]
versions = {"seed": SEED} | {name: version(name) for name in libraries}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
