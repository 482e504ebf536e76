"""What scikit-learn's KMeans makes of the same rows.

    python make.py

Versions and seed are in versions.json. From a given start, single results can be compared. Of drawn
starts, only means over many seeds can.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file
from sklearn.cluster import KMeans, kmeans_plusplus

HERE = pathlib.Path(__file__).parent
SEED = 0
random = np.random.default_rng(SEED)

ROWS, D, COUNT = 300, 4, 30
blobs = random.standard_normal((12, D)) * 3
x = (blobs[random.integers(12, size=ROWS)] + random.standard_normal((ROWS, D)) + 5).astype(np.float32)

# The last two centres are far away: their clusters are empty at first.
start = np.concatenate([x[: COUNT - 2], np.full((2, D), 1000)]).astype(np.float32)
found = KMeans(COUNT, init=start, n_init=1, algorithm="lloyd", tol=1e-9, max_iter=300).fit(x)


def potential(seed):
    """Sum of squared distances to a start of plain k-means++, without local trials."""
    centres, _ = kmeans_plusplus(x, COUNT, random_state=seed, n_local_trials=1)
    return ((x[:, None] - centres) ** 2).sum(-1).min(1).sum()


potentials = [float(potential(seed)) for seed in range(1000)]
inertias = [KMeans(COUNT, n_init=1, random_state=seed).fit(x).inertia_ for seed in range(30)]
numbers = {
    "inertia": float(found.inertia_),
    "labels": found.labels_.tolist(),
    "start_potential": {"mean": np.mean(potentials), "deviation": np.std(potentials, ddof=1)},
    "greedy_inertia": {"mean": np.mean(inertias), "deviation": np.std(inertias, ddof=1)},
}
save_file(
    {"rows": x, "start": start, "centres": found.cluster_centers_.astype(np.float32)},
    HERE / "arrays.safetensors",
)
(HERE / "expected.json").write_text(json.dumps(numbers) + "\n")
names = ["numpy", "scikit-learn", "safetensors"]
versions = {"seed": SEED, **{name: version(name) for name in names}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
