"""What numpy and SciPy make of SAEs of different widths that share some of their directions.

    python make.py

Assignments are scipy.optimize.linear_sum_assignment on the whole matrix of cosines. Versions and
seed are in versions.json.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file
from scipy.optimize import linear_sum_assignment

HERE = pathlib.Path(__file__).parent
SEED, D_IN, WIDTHS = 0, 16, [24, 24, 40]
random = np.random.default_rng(SEED)
common = random.standard_normal((20, D_IN))


def unit(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def sae(width):
    """Directions of which twenty are noisy copies of the common ones, some with their signs
    turned."""
    noise = np.linspace(0.02, 1.2, 20)[:, None]
    copies = common + noise * random.standard_normal(common.shape)
    own = random.standard_normal((width - 20, D_IN))
    decoder = np.concatenate([copies, own])
    decoder[::7] *= -1
    encoder = decoder + 0.5 * random.standard_normal(decoder.shape)
    order = random.permutation(width)
    return encoder[order].astype(np.float32), decoder[order].astype(np.float32)


saes = [sae(width) for width in WIDTHS]
tensors = {}
for i, (encoder, decoder) in enumerate(saes):
    tensors[f"{i}.encoder"] = encoder
    tensors[f"{i}.decoder"] = decoder


def assignment(similarity):
    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return dict(zip(rows.tolist(), columns.tolist())), similarity[rows, columns].mean()


pairs = []
for a in range(len(saes)):
    for b in range(a + 1, len(saes)):
        encoders = unit(saes[a][0].astype(np.float64)) @ unit(saes[b][0].astype(np.float64)).T
        decoders = unit(saes[a][1].astype(np.float64)) @ unit(saes[b][1].astype(np.float64)).T
        by_decoder, mcc = assignment(decoders)
        by_encoder, mcc_encoder = assignment(encoders)
        both = [i for i, j in by_decoder.items() if by_encoder.get(i) == j]
        shared = [
            sum(decoders[i, by_decoder[i]] >= t and encoders[i, by_decoder[i]] >= t for i in both) / min(decoders.shape)
            for t in (0.5, 0.7, 0.9)
        ]
        pairs.append(
            {
                "a": a,
                "b": b,
                "mean_max": [decoders.max(1).mean(), decoders.max(0).mean()],
                "mcc": mcc,
                "mcc_abs": assignment(np.abs(decoders))[1],
                "mcc_encoder": mcc_encoder,
                "shared": [float(s) for s in shared],
            }
        )

save_file(tensors, HERE / "saes.safetensors")
(HERE / "pairs.json").write_text(json.dumps(pairs, indent=2) + "\n")
versions = {"seed": SEED, **{name: version(name) for name in ["numpy", "scipy", "safetensors"]}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
