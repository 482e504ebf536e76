"""Steps of equivariant SAEs and of a group crosscoder, with gradients and Adam from PyTorch.

    python make.py

The formulas are those of src/sae/architectures/equivariant.ts and group-crosscoder.ts, which are
ours: this checks the tape, not the readings of the published work. In float64, without AuxK.
"""

import json
import pathlib
from importlib.metadata import version

import numpy
import torch
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
SEED = 0
ORBITS, POSES, D, N, HIDDEN, K, STEPS, LR = 12, 4, 6, 10, 8, 3, 40, 0.01
TERMS = ["rec", "can", "pose", "lat", "out", "mse"]
random = numpy.random.default_rng(SEED)

# A quarter turn in a random basis that is not orthogonal, so that M is not either.
turn = numpy.zeros((D, D))
for i in range(0, D, 2):
    turn[i, i + 1], turn[i + 1, i] = -1, 1
basis = random.standard_normal((D, D)) + 2 * numpy.eye(D)
M = basis @ turn @ numpy.linalg.inv(basis)
matrices = numpy.stack([numpy.linalg.matrix_power(M, k) for k in range(POSES)]).astype("f4")
upright = random.standard_normal((ORBITS, 3)) @ random.standard_normal((3, D)) + 0.5
rows = numpy.stack([upright @ m.T for m in matrices.astype("f8")], 1).reshape(-1, D).astype("f4")


def unit(*shape):
    values = random.standard_normal(shape)
    return values / numpy.linalg.norm(values, axis=1, keepdims=True)


shared = {"decoder": unit(N, D), "b_dec": rows.mean(0), "b_enc": numpy.zeros(N)}
starts = {
    "equivariant": {
        **shared,
        "W_1": random.uniform(-0.6, 0.6, (HIDDEN, D)),
        "b_1": numpy.zeros(HIDDEN),
        "W_2": random.uniform(-0.6, 0.6, (N, HIDDEN)),
    },
    "crosscoder": {
        **shared,
        "encoder": shared["decoder"].copy(),
        **{f"block_{k}": unit(N, D) for k in range(1, POSES)},
        **{f"b_{k}": rows.mean(0) for k in range(1, POSES)},
    },
}
starts = {
    name: {key: value.astype("f4") for key, value in start.items()} for name, start in starts.items()
}
T = {k: torch.tensor(m.astype("f8")) for k, m in enumerate(matrices)}


def top_k(scores):
    mask = torch.zeros_like(scores).scatter(1, scores.topk(K, dim=1).indices, 1.0)
    return scores * mask


def distance(a, b):
    return ((a - b) ** 2).sum(-1).mean()


def equivariant(p, x, weights):
    hidden = torch.relu((x - p["b_dec"]) @ p["W_1"].T + p["b_1"])
    z = top_k(torch.relu(hidden @ p["W_2"].T + p["b_enc"]))
    output = z @ p["decoder"]
    made = output + p["b_dec"]
    first = torch.arange(len(x)) // POSES * POSES
    moved = torch.stack([T[i % POSES] @ row for i, row in enumerate(made)])
    upright = torch.arange(0, len(x), POSES)
    terms = {
        "rec": distance(made[upright], x[upright]),
        "can": distance(made, x[first]),
        "pose": distance(moved, x),
        "lat": distance(z, z[first]),
        "out": distance(output, output[first]),
        "mse": distance(made, x),
    }
    return sum(w * terms[name] for name, w in weights.items())


def crosscoder(p, x, _):
    z = top_k(torch.relu((x - p["b_dec"]) @ p["encoder"].T + p["b_enc"]))
    loss = distance(z @ p["decoder"] + p["b_dec"], x)
    row = torch.arange(len(x))
    for k in range(1, POSES):
        other = row - row % POSES + (row % POSES + k) % POSES
        loss = loss + distance(z @ p[f"block_{k}"] + p[f"b_{k}"], x[other])
    return loss / POSES


def trained(loss_of, start, weights):
    p = {name: torch.tensor(value.astype("f8"), requires_grad=True) for name, value in start.items()}
    adam = torch.optim.Adam(p.values(), lr=LR)
    x = torch.tensor(rows.astype("f8"))
    losses = []
    for _ in range(STEPS):
        loss = loss_of(p, x, weights)
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        atoms = p["decoder"]
        with torch.no_grad():
            atoms.grad -= (atoms.grad * atoms).sum(1, keepdim=True) * atoms
        adam.step()
        with torch.no_grad():
            atoms /= atoms.norm(dim=1, keepdim=True)
    return losses, p["decoder"].detach().numpy().astype("f4")


cases = {term: {term: 1.0} for term in ["can", "pose", "mse"]}
# A code that nothing holds to rows would vanish.
cases["rec and lat"] = {"rec": 1.0, "lat": 0.5}
cases["rec and out"] = {"rec": 1.0, "out": 0.5}
cases["all"] = {term: 0.25 * (i + 1) for i, term in enumerate(TERMS)}
arrays = {"rows": rows, "matrices": matrices}
for name, start in starts.items():
    arrays.update({f"{name}.{key}": numpy.ascontiguousarray(value) for key, value in start.items()})
expected = {"poses": POSES, "hidden": HIDDEN, "k": K, "lr": LR, "equivariant": {}}
for name, weights in cases.items():
    losses, decoder = trained(equivariant, starts["equivariant"], weights)
    expected["equivariant"][name] = {"weights": weights, "losses": losses}
    arrays[f"end.{name}"] = decoder
losses, decoder = trained(crosscoder, starts["crosscoder"], None)
expected["crosscoder"] = {"losses": losses}
arrays["end.crosscoder"] = decoder
save_file(arrays, HERE / "arrays.safetensors")
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
versions = {"seed": SEED, **{name: version(name) for name in ["numpy", "torch", "safetensors"]}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
