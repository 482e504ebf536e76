"""What numpy and SciPy make of codes and activations of the same rows.

    python make.py

Matching is scipy.optimize.linear_sum_assignment on numpy.corrcoef; Procrustes is scipy.linalg.svd
(orthogonal_procrustes
for equal widths), affine maps numpy.linalg.lstsq. Versions and seed are in versions.json.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file
from scipy.linalg import orthogonal_procrustes, svd
from scipy.optimize import linear_sum_assignment

HERE = pathlib.Path(__file__).parent
SEED = 0
random = np.random.default_rng(SEED)
tensors = {}

# Codes: 18 latents of 24 are noisy copies of 18 of 30; one of a is dead, one of b is constant.
ROWS, SHIFT = 260, 97
causes = (random.random((ROWS, 18)) < np.linspace(0.03, 0.5, 18)) * random.exponential(1, (ROWS, 18))


def code(width, noise):
    out = (random.random((ROWS, width)) < 0.08) * random.exponential(1, (ROWS, width))
    kept = random.random((ROWS, 18)) > noise
    out[:, :18] = causes * kept * random.lognormal(0, 0.3, (ROWS, 18))
    return np.ascontiguousarray(out[:, random.permutation(width)], np.float32)


a, b = code(24, 0.1), code(30, 0.3)
a[:, 5] = 0
b[:, 7] = 0.5
tensors["code.a"], tensors["code.b"] = a, b


def matched(a, b):
    """Latents that vary, matched by correlation; Jaccard and tenths of the matched pairs."""
    live_a, live_b = np.flatnonzero(a.std(0) > 0), np.flatnonzero(b.std(0) > 0)
    x, y = a[:, live_a].astype(np.float64), b[:, live_b].astype(np.float64)
    r = np.corrcoef(x.T, y.T)[: len(live_a), len(live_a) :]
    rows, columns = linear_sum_assignment(r, maximize=True)
    both = ((x[:, rows] > 0) & (y[:, columns] > 0)).sum(0)
    either = ((x[:, rows] > 0) | (y[:, columns] > 0)).sum(0)
    active = (x[:, rows] > 0).sum(0) + (y[:, columns] > 0).sum(0)
    order = np.lexsort((live_a[rows], active))
    tenth = 10 * np.arange(len(order)) // len(order)
    return {
        "live": [len(live_a), len(live_b)],
        "partners": [[int(live_a[i]), int(live_b[j])] for i, j in zip(rows, columns)],
        "mean": r[rows, columns].mean(),
        "jaccard": (both / either).mean(),
        "deciles": [
            {
                "density": active[order][tenth == g].mean() / (2 * ROWS),
                "correlation": r[rows, columns][order][tenth == g].mean(),
                "pairs": int((tenth == g).sum()),
            }
            for g in range(10)
        ],
    }


codes = {"found": matched(a, b), "turned": matched(b, a), "shift": SHIFT, "shifted": matched(a, np.roll(b, -SHIFT, 0))}

# Activations of three places, seen through different maps, and a ReLU SAE for each.
N, WIDTHS = 400, {"x": 6, "y": 6, "z": 8}
hidden = random.standard_normal((N, 8)) * np.linspace(2, 0.3, 8)
saes, places = {}, {}
for name, d in WIDTHS.items():
    mix = np.linalg.qr(random.standard_normal((8, 8)))[0][:, :d]
    places[name] = (hidden @ mix + 0.2 * random.standard_normal((N, d)) + 3 * random.standard_normal(d)).astype(np.float32)
    decoder = random.standard_normal((16, d)).astype(np.float32)
    saes[name] = {
        "decoder": decoder,
        "encoder": (decoder / 8 + 0.02 * random.standard_normal((16, d))).astype(np.float32),
        "encoder_bias": (0.1 * random.standard_normal(16)).astype(np.float32),
        "decoder_bias": places[name].mean(0).astype(np.float32),
    }
    tensors[f"rows.{name}"] = places[name]
    for key, value in saes[name].items():
        tensors[f"{name}.{key}"] = value
FIT = N // 2


def reconstruct(sae, x):
    z = np.maximum((x - sae["decoder_bias"]) @ sae["encoder"].T + sae["encoder_bias"], 0)
    return z @ sae["decoder"] + sae["decoder_bias"]


def fvu(x, reconstruction):
    return float(((x - reconstruction) ** 2).sum() / ((x - x.mean(0)) ** 2).sum())


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def transfer(guest, host):
    """The SAE of `guest` on the held-out rows of `host`."""
    g, h = places[guest].astype(np.float64), places[host].astype(np.float64)
    mean_g, mean_h = g[:FIT].mean(0), h[:FIT].mean(0)
    from_h, from_g = h[:FIT] - mean_h, g[:FIT] - mean_g
    u, _, vt = svd(from_h.T @ from_g, full_matrices=False)
    rotation = u @ vt
    if h.shape[1] == g.shape[1]:
        assert np.allclose(rotation, orthogonal_procrustes(from_h, from_g)[0])
    factor = np.sqrt((from_g**2).sum() / (from_h**2).sum())
    maps = {
        "procrustes": (rotation, rotation.T),
        "scaled": (factor * rotation, rotation.T / factor),
        "affine": (np.linalg.lstsq(from_h, from_g)[0], np.linalg.lstsq(from_g, from_h)[0]),
    }
    x = h[FIT:]
    out = {"own": fvu(x, reconstruct(saes[host], x))}
    if h.shape[1] == g.shape[1]:
        out["raw"] = fvu(x, reconstruct(saes[guest], x))
    for name, (there, back) in maps.items():
        y = (x - mean_h) @ there + mean_g
        out[name] = fvu(x, (reconstruct(saes[guest], y) - mean_g) @ back + mean_h)
        if name != "scaled":
            out[f"{name}Alone"] = fvu(x, (y - mean_g) @ back + mean_h)
    out["condition"] = np.linalg.cond(from_h)
    return out, rotation


transfers = []
for first, second in [("x", "y"), ("x", "z"), ("z", "x")]:
    on_second, _ = transfer(first, second)
    on_first, rotation = transfer(second, first)
    decoders = saes[first]["decoder"].astype(np.float64), saes[second]["decoder"].astype(np.float64)
    # rotation leads from the first place to the second.
    if WIDTHS[first] <= WIDTHS[second]:
        cosines = unit(decoders[1]) @ unit(decoders[0] @ rotation).T
    else:
        cosines = unit(decoders[0]) @ unit(decoders[1] @ rotation.T).T
    i, j = linear_sum_assignment(cosines, maximize=True)
    transfers.append({"a": first, "b": second, "a_on_b": on_second, "b_on_a": on_first, "mcc": cosines[i, j].mean()})


def effective_rank(rows):
    p = np.linalg.eigvalsh(np.cov(rows.astype(np.float64).T))
    p = p[p > 0] / p.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


ranks = {name: effective_rank(rows) for name, rows in places.items()}
save_file(tensors, HERE / "rows.safetensors")
expected = {"codes": codes, "transfers": transfers, "effective_rank": ranks}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
versions = {"seed": SEED, **{name: version(name) for name in ["numpy", "scipy", "safetensors"]}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
