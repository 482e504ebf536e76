"""Steps of a relaxed archetypal SAE with gradients from autograd, as overcomplete takes them.

    python make.py

RATopKSAE of overcomplete (51cc848): linear encoder, batch norm, ReLU, top-k, D = (W C + R) e^s with
W and R projected before each forward pass, top_k_auxiliary_loss with penalty .1, Adam. In float64.
"""

import json
import pathlib
from importlib.metadata import version

import autograd.numpy as np
import numpy
from autograd import grad
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
SEED = 0
BATCH, D, N, M, K, STEPS, LR, DELTA = 32, 6, 10, 12, 3, 40, 0.02, 0.1
random = numpy.random.default_rng(SEED)
rows = random.standard_normal((BATCH, 4)) @ random.standard_normal((4, D)) + 1
start = {
    "encoder": random.uniform(-1, 1, (N, D)) / D**0.5,
    "b_enc": numpy.zeros(N),
    "norm.gamma": numpy.ones(N),
    "norm.beta": numpy.zeros(N),
    "mixture": numpy.eye(N, M),
    "relaxation": numpy.zeros((N, D)),
    "multiplier": numpy.zeros(()),
}
C = random.standard_normal((M, D))
rows, C = rows.astype("f4"), C.astype("f4")
start = {name: value.astype("f4") for name, value in start.items()}


def largest(values, k):
    """1 where a number is among the k largest of its row; of equal ones, the first."""
    order = numpy.argsort(-getattr(values, "_value", values), axis=1, kind="stable")
    mask = numpy.zeros(values.shape)
    numpy.put_along_axis(mask, order[:, :k], 1, axis=1)
    return mask


def loss_of(p, x):
    scores = x @ p["encoder"].T + p["b_enc"]
    mean, variance = scores.mean(0), ((scores - scores.mean(0)) ** 2).mean(0)
    scores = p["norm.gamma"] * (scores - mean) / (variance + 1e-5) ** 0.5 + p["norm.beta"]
    positive = np.maximum(scores, 0)
    z = positive * largest(positive, K)
    dictionary = (p["mixture"] @ C + p["relaxation"]) * np.exp(p["multiplier"])
    residual = x - z @ dictionary
    others = positive - z
    others = others * largest(others, N // 2)
    return (residual**2).mean() + 0.1 * ((residual - others @ dictionary) ** 2).mean()


def project(p):
    w = numpy.maximum(p["mixture"], 0)
    p["mixture"] = w / (w.sum(1, keepdims=True) + 1e-8)
    with numpy.errstate(divide="ignore"):
        factor = DELTA / numpy.linalg.norm(p["relaxation"], axis=1, keepdims=True)
    p["relaxation"] = p["relaxation"] * numpy.minimum(factor, 1)


p = {name: value.astype("f8") for name, value in start.items()}
m = {name: 0 * value for name, value in p.items()}
v = {name: 0 * value for name, value in p.items()}
losses = []
x = rows.astype("f8")
for step in range(1, STEPS + 1):
    project(p)
    losses.append(float(loss_of(p, x)))
    for name, g in grad(loss_of)(p, x).items():
        m[name] = 0.9 * m[name] + 0.1 * g
        v[name] = 0.999 * v[name] + 0.001 * g**2
        hat = numpy.sqrt(v[name] / (1 - 0.999**step)) + 1e-8
        p[name] = p[name] - LR * m[name] / (1 - 0.9**step) / hat
project(p)
dictionary = (p["mixture"] @ C + p["relaxation"]) * numpy.exp(p["multiplier"])
arrays = {"rows": rows, "centroids": C, "dictionary": dictionary.astype("f4")}
arrays.update({f"start.{name}": numpy.ascontiguousarray(value) for name, value in start.items()})
arrays.update({f"end.{name}": p[name].astype("f4") for name in ["mixture", "relaxation"]})
save_file(arrays, HERE / "arrays.safetensors")
expected = {"losses": losses, "shape": [BATCH, D, N, M], "k": K, "lr": LR, "delta": DELTA}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
names = ["numpy", "autograd", "safetensors"]
versions = {"seed": SEED, **{name: version(name) for name in names}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
