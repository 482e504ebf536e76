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
from scipy.linalg import subspace_angles
from scipy.optimize import curve_fit, linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

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



def cka(x, y):
    """Linear CKA of Kornblith et al. 2019, from the Gram matrices of rows."""
    k, l = ((m - m.mean(0)) @ (m - m.mean(0)).T for m in (x, y))
    return (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())


def svcca(x, y):
    """Mean canonical correlation of the directions that hold 99 % of the variance."""
    bases = []
    for m in (x, y):
        u, s, _ = np.linalg.svd(m - m.mean(0), full_matrices=False)
        kept = int(np.searchsorted(np.cumsum(s**2) / (s**2).sum(), 0.99)) + 1
        bases.append(u[:, :kept])
    return np.linalg.svd(bases[0].T @ bases[1], compute_uv=False).mean()


def rsa(x, y):
    upper = np.triu_indices(len(x), 1)
    return spearmanr((x @ x.T)[upper], (y @ y.T)[upper]).statistic


def leading(atoms, rank):
    return np.linalg.svd(atoms, full_matrices=False)[2][:rank]


def pursuit(target, atoms, most):
    chosen, cosines, residual = [], [], target
    for _ in range(most):
        scores = np.abs(atoms @ residual)
        scores[chosen] = -1
        chosen.append(int(scores.argmax()))
        found = np.linalg.lstsq(atoms[chosen].T, target, rcond=None)[0] @ atoms[chosen]
        residual = target - found
        cosines.append(float(found @ target / np.linalg.norm(found)))
    return {"atoms": chosen, "cosines": cosines}


units = [unit(decoder.astype(np.float64)) for _, decoder in saes]
RANKS, TAU = [1, 2, 4, 8, 16], 0.7
measured = []
for a in range(len(saes)):
    for b in range(a + 1, len(saes)):
        x, y = units[a], units[b]
        cosines = x @ y.T
        rows, columns = linear_sum_assignment(cosines, maximize=True)
        near_rows, near_columns = linear_sum_assignment(cdist(x, y))
        matched = cosines[rows, columns] >= TAU
        left_a = np.setdiff1d(np.arange(len(x)), rows[matched])
        left_b = np.setdiff1d(np.arange(len(y)), columns[matched])

        def energies(atoms, onto):
            return [float(((atoms @ leading(onto, r).T) ** 2).sum(1).mean()) for r in RANKS]

        parents = cosines.argmax(0)
        has_parent = cosines.max(0) >= TAU
        counts = np.bincount(parents[has_parent], minlength=len(x))
        measured.append(
            {
                "a": a,
                "b": b,
                "stability_exact": float(cosines[near_rows, near_columns].mean()),
                "cka": float(cka(x[rows], y[columns])),
                "svcca": float(svcca(x[rows], y[columns])),
                "rsa": float(rsa(x[rows], y[columns])),
                "overlap": [float(((leading(x, r) @ leading(y, r).T) ** 2).sum() / r) for r in RANKS],
                "angles_of_rank_8": np.rad2deg(subspace_angles(leading(x, 8).T, leading(y, 8).T))[::-1].tolist(),
                "unmatched": [len(left_a), len(left_b)],
                "energy": energies(x[left_a], y[left_b]),
                "energy_matched": energies(x[rows[matched]], y[left_b]),
                "energy_own": energies(x[left_a], x[left_a]),
                "parents_by_children": [int((counts == k).sum()) for k in range(5)] + [int((counts >= 5).sum())],
                "pursuit": pursuit(x[0], y, 5),
            }
        )

per_sae = []
for i, x in enumerate(units):
    others = np.concatenate([y for j, y in enumerate(units) if j != i])
    best = (x @ others.T).max(1)
    within = x @ x.T - 3 * np.eye(len(x))
    per_sae.append(
        {
            "relaxed": float(best.mean()),
            "overlap_at_0.6": float((best > 0.6).mean()),
            "diversity_at_0.7": int((within.max(1) < 0.7).sum()),
        }
    )

k = np.arange(1, 10)
unique = np.array([1, 0.62, 0.51, 0.44, 0.42, 0.39, 0.375, 0.36, 0.352])
fit, _ = curve_fit(lambda k, a, b, c: a * k**-b + c, k, unique, p0=[0.7, 1, 0.3])
error = np.sqrt(((fit[0] * k ** -fit[1] + fit[2] - unique) ** 2).mean())
dictionaries = {
    "ranks": RANKS,
    "tau": TAU,
    "pairs": measured,
    "saes": per_sae,
    "power_law": {"y": unique.tolist(), "scale": fit[0], "exponent": fit[1], "offset": fit[2], "error": error},
}
(HERE / "dictionaries.json").write_text(json.dumps(dictionaries, indent=1) + "\n")
save_file(tensors, HERE / "saes.safetensors")
(HERE / "pairs.json").write_text(json.dumps(pairs, indent=2) + "\n")
versions = {"seed": SEED, **{name: version(name) for name in ["numpy", "scipy", "safetensors"]}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
