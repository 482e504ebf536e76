"""What numpy makes of a bag and of a boosted chain of two small SAEs, one top-k and one ReLU.

    python make.py

Versions and seed are in versions.json.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np

HERE = pathlib.Path(__file__).parent
SEED, D_IN, WIDTHS, K, ROWS = 0, 6, [8, 10], 2, 12
random = np.random.default_rng(SEED)


def drawn(*shape):
    return random.standard_normal(shape).astype(np.float32).astype(np.float64)


def sae(width):
    """Numbers that float32 holds exactly."""
    encoder, decoder = drawn(width, D_IN) / 4, drawn(width, D_IN) / 4
    return {"encoder": encoder, "decoder": decoder, "b_enc": drawn(width) / 4, "b_dec": drawn(D_IN) / 4}


saes = [sae(width) for width in WIDTHS]
# Two atoms that are nearly parallel, one in each SAE.
saes[1]["decoder"][3] = np.float32(saes[0]["decoder"][5] + 0.02)
x = drawn(ROWS, D_IN)


def encode(j, rows):
    sae = saes[j]
    code = np.maximum((rows - sae["b_dec"]) @ sae["encoder"].T + sae["b_enc"], 0)
    if j == 0:  # the k largest of every row
        code[np.arange(len(rows))[:, None], np.argsort(-code, axis=1)[:, K:]] = 0
    return code


def decode(j, code):
    return code @ saes[j]["decoder"] + saes[j]["b_dec"]


def measures(codes, reconstruction):
    active = np.concatenate(codes, axis=1) > 0
    together = (active.T.astype(int) @ active.astype(int)) > 0
    pairs = np.triu_indices(active.shape[1], 1)
    centred = x - x.mean(axis=0)
    return {
        "reconstruction": reconstruction.tolist(),
        "fvu": ((x - reconstruction) ** 2).sum() / (centred**2).sum(),
        "l0": active.sum() / len(x),
        "connectivity": 1 - together[pairs].mean(),
    }


first = encode(0, x)
bag = [first, encode(1, x)]
boost = [first, encode(1, x - decode(0, first))]
atoms = np.concatenate([sae["decoder"] for sae in saes])
atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
cosines = atoms @ atoms.T - 2 * np.eye(len(atoms))
(HERE / "expected.json").write_text(
    json.dumps(
        {
            "k": K,
            "x": x.tolist(),
            "saes": [{name: value.tolist() for name, value in sae.items()} for sae in saes],
            "bag": measures(bag, (decode(0, bag[0]) + decode(1, bag[1])) / 2),
            "boost": measures(boost, decode(0, boost[0]) + decode(1, boost[1])),
            "diversity": int((cosines.max(axis=1) < 0.7).sum()),
        }
    )
    + "\n"
)
(HERE / "versions.json").write_text(json.dumps({"seed": SEED, "numpy": version("numpy")}, indent=2) + "\n")
