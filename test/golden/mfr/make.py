"""Writes golden runs of Mutual Feature Regularization, in PyTorch, float32, on one thread.

Each run is 50 steps of three tied TopK autoencoders.

    python make.py      (made with PyTorch 2.15.0, SciPy 1.17.1, NumPy 2.4.6; seed 20261121)

The rules are those of mutual-feature-regularization e9ec664 (models/sae.py, utils/sae_trainer.py):
mean squared error, one Adam per autoencoder, consensus loss over all pairs with cosine warm-up,
matched by linear_sum_assignment. `max` and `symmetric_max` replace the assignment by the nearest
atom.
"""

import itertools
import math

import numpy as np
import scipy
import torch
from safetensors.torch import save_file
from scipy.optimize import linear_sum_assignment

torch.set_num_threads(1)
BATCH, D, F, K, STEPS, BATCHES, MEMBERS, WARMUP = 48, 20, 36, 4, 50, 6, 3, 10


def normalize(w):
    return torch.nn.functional.normalize(w, dim=1)


def similarity(a, b, matching):
    cosine = normalize(a) @ normalize(b).T
    if matching == "hungarian":
        rows, columns = linear_sum_assignment(1 - cosine.detach().numpy())
        return cosine[rows, columns].mean()
    forward = cosine.max(dim=1).values.mean()
    return forward if matching == "max" else (forward + cosine.max(dim=0).values.mean()) / 2


def run(matching, weight, pair_norm):
    generator = torch.Generator().manual_seed(20261121)
    features = torch.randn(30, D, generator=generator)
    active = (torch.rand(BATCHES, BATCH, 30, generator=generator) < 0.15).float()
    x = (active * torch.rand(BATCHES, BATCH, 30, generator=generator)) @ features
    W, b = [], []
    for _ in range(MEMBERS):
        w = torch.empty(F, D)
        torch.nn.init.orthogonal_(w, generator=generator)
        W.append(w)
        b.append(torch.zeros(F))
    tensors = {"x": x} | {f"start.{i}": w.clone() for i, w in enumerate(W)}
    for t in W + b:
        t.requires_grad_()
    optimizers = [torch.optim.Adam([w, c], lr=1e-2) for w, c in zip(W, b)]
    losses, couplings = [], []
    for step in range(STEPS):
        t = step + 1
        warm = 1.0 if t >= WARMUP else 0.5 * (1 + math.cos(math.pi * (WARMUP - t) / WARMUP))
        terms = torch.stack([1 - similarity(p, q, matching) for p, q in itertools.combinations(W, 2)])
        coupling = weight * warm * (terms.mean() if pair_norm == "mean" else terms.sum())
        batch = x[step % BATCHES]
        reconstruction = []
        for w, c in zip(W, b):
            pre = batch @ w.T + c
            code = pre * (pre >= pre.topk(K, dim=1).values[:, -1:])
            reconstruction.append(torch.nn.functional.mse_loss(code @ normalize(w), batch))
        for optimizer in optimizers:
            optimizer.zero_grad()
        # The sum over members of (reconstruction + coupling) would count the coupling once per
        # member; each gets one copy.
        (sum(reconstruction) + coupling).backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append([r.item() for r in reconstruction])
        couplings.append(coupling.item())
    tensors |= {f"end.{i}": w.detach() for i, w in enumerate(W)}
    tensors |= {"losses": torch.tensor(losses), "coupling": torch.tensor(couplings)}
    print(matching, "coupling from", couplings[WARMUP], "to", couplings[-1])
    versions = {"torch": torch.__version__, "scipy": scipy.__version__, "numpy": np.__version__, "seed": "20261121"}
    save_file(tensors, f"{matching}.safetensors", metadata=versions)


run("hungarian", 3.0, "mean")
run("max", 1.0, "sum")
run("symmetric_max", 1.0, "mean")
