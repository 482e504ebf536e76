"""Writes the golden training runs, in PyTorch, float32 on one thread.

Each run is 50 steps of one architecture.

    python make.py      (made with PyTorch 2.15.0, NumPy 2.4.6, safetensors; seed 20261121)

Each file holds the starting weights, ten batches used in turn, the loss of every step and the
weights after the last one. The training rules are written out here from their sources: TopK as
dictionary_learning's TopKTrainer (60ec6bf), tied TopK as mutual-feature-regularization (e9ec664),
the ReLU ones as sparse_coding's FunctionalSAE, FunctionalTiedSAE, FunctionalPositiveTiedSAE and
FunctionalReverseSAE (69c5ae0).
"""

import numpy as np
import torch
from safetensors.torch import save_file

torch.set_num_threads(1)
BATCH, D, F, K, STEPS, BATCHES = 64, 24, 60, 5, 50, 10
DEAD_AFTER = 192


def unit(w):
    return w / w.norm(dim=1, keepdim=True)


def data(generator):
    features = torch.randn(40, D, generator=generator)
    out = []
    for _ in range(BATCHES):
        active = (torch.rand(BATCH, 40, generator=generator) < 0.1).float()
        out.append((active * torch.rand(BATCH, 40, generator=generator)) @ features + 0.5 + 0.05 * torch.randn(BATCH, D, generator=generator))
    return torch.stack(out)


def geometric_median(x):
    guess = x.mean(dim=0)
    for _ in range(100):
        prev = guess
        weights = 1 / torch.norm(x - guess, dim=1)
        weights = weights / weights.sum()
        guess = (weights.unsqueeze(1) * x).sum(dim=0)
        if torch.norm(guess - prev) < 1e-5:
            break
    return guess


def topk(x, generator):
    """Untied: unit atoms, projection, clipping to 1, AuxK, warm-up and decay."""
    W_dec = unit(torch.randn(F, D, generator=generator)).requires_grad_()
    W_enc = W_dec.detach().clone().requires_grad_()
    b_enc = torch.zeros(F, requires_grad=True)
    start = {"W_dec": W_dec.detach().clone(), "W_enc": W_enc.detach().clone()}
    b_dec = geometric_median(x[0]).requires_grad_()
    optimizer = torch.optim.Adam([W_enc, W_dec, b_enc, b_dec], lr=3e-3)
    since, losses, aux_losses = torch.zeros(F), [], []
    for step in range(STEPS):
        batch = x[step % BATCHES]
        factor = step / 5 if step < 5 else (STEPS - step) / (STEPS - 40) if step >= 40 else 1.0
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * factor
        post = torch.relu((batch - b_dec) @ W_enc.T + b_enc)
        top = post.topk(K, dim=1)
        code = torch.zeros_like(post).scatter_(1, top.indices, top.values)
        x_hat = code @ W_dec + b_dec
        e = batch - x_hat
        fired = (code != 0).any(dim=0)
        since += BATCH
        since[fired] = 0
        loss = e.pow(2).sum(dim=1).mean()
        dead = since >= DEAD_AFTER
        aux = torch.tensor(0.0)
        if dead.any():
            k_aux = min(D // 2, int(dead.sum()))
            latents = torch.where(dead[None], post, torch.tensor(-torch.inf))
            aux_top = latents.topk(k_aux, dim=1)
            aux_code = torch.zeros_like(post).scatter_(1, aux_top.indices, aux_top.values)
            residual = e.detach()
            numerator = (residual - aux_code @ W_dec).pow(2).sum(dim=1).mean()
            denominator = (residual - residual.mean(dim=0)).pow(2).sum(dim=1).mean()
            aux = (numerator / denominator) / 32
        total = loss + aux
        total.backward()
        with torch.no_grad():
            normed = W_dec / (W_dec.norm(dim=1, keepdim=True) + 1e-6)
            W_dec.grad -= (W_dec.grad * normed).sum(dim=1, keepdim=True) * normed
        torch.nn.utils.clip_grad_norm_([W_enc, W_dec, b_enc, b_dec], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        with torch.no_grad():
            W_dec /= W_dec.norm(dim=1, keepdim=True) + torch.finfo(torch.float32).eps
        losses.append(total.item())
        aux_losses.append(aux.item())
    assert max(aux_losses) > 0, "AuxK was never used"
    return start, losses, {"W_enc": W_enc, "W_dec": W_dec, "b_enc": b_enc, "b_dec": b_dec}


def topk_tied(x, generator):
    W = torch.empty(F, D)
    torch.nn.init.orthogonal_(W, generator=generator)
    start = {"W": W.clone()}
    W.requires_grad_()
    b = torch.zeros(F, requires_grad=True)
    optimizer = torch.optim.Adam([W, b], lr=1e-2)
    losses = []
    for step in range(STEPS):
        batch = x[step % BATCHES]
        pre = batch @ W.T + b
        kth = pre.topk(K, dim=1).values[:, -1:]
        code = pre * (pre >= kth)
        loss = torch.nn.functional.mse_loss(code @ torch.nn.functional.normalize(W, dim=1), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return start, losses, {"W": W, "b_enc": b}


def relu(x, generator, tied):
    bound = (6 / (F + D)) ** 0.5
    draw = lambda: (2 * torch.rand(F, D, generator=generator) - 1) * bound
    D_raw = draw().requires_grad_()
    W_enc = draw().requires_grad_()
    b = torch.zeros(F, requires_grad=True)
    start = {"D": D_raw.detach().clone()} | ({} if tied else {"W_enc": W_enc.detach().clone()})
    parameters = [D_raw, b] if tied else [D_raw, W_enc, b]
    optimizer = torch.optim.Adam(parameters, lr=5e-3)
    losses, l0 = [], []
    for step in range(STEPS):
        batch = x[step % BATCHES]
        atoms = unit(D_raw)
        code = torch.relu(batch @ (atoms if tied else W_enc).T + b)
        loss = (batch - code @ atoms).pow(2).mean() + 1e-2 * code.abs().sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        l0.append((code > 0).float().sum(dim=1).mean().item())
    print("relu", "tied" if tied else "untied", "L0 from", l0[0], "to", l0[-1])
    return start, losses, {"D": D_raw, "b_enc": b} | ({} if tied else {"W_enc": W_enc})


def relu_tied_positive(x, generator):
    bound = (6 / (F + D)) ** 0.5
    D_raw = ((2 * torch.rand(F, D, generator=generator) - 1) * bound).abs().requires_grad_()
    b = torch.full((F,), -1.0, requires_grad=True)
    start = {"D": D_raw.detach().clone(), "b_enc": b.detach().clone()}
    optimizer = torch.optim.Adam([D_raw, b], lr=5e-2)
    losses, lifted = [], 0
    for step in range(STEPS):
        batch = x[step % BATCHES] + 0.18
        atoms = unit(D_raw)
        code = torch.relu(batch @ atoms.T + b)
        loss = (batch - code @ atoms).pow(2).mean() + 1e-3 * code.abs().sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            lifted += int((D_raw < 0).sum())
            D_raw.clamp_(min=0)
        losses.append(loss.item())
    assert lifted > 0, "no weight was ever negative"
    return start, losses, {"D": D_raw, "b_enc": b}


def relu_tied_reverse(x, generator):
    """Biases start below 0. Those that reach 0 are held there, as ours are."""
    bound = (6 / (F + D)) ** 0.5
    D_raw = ((2 * torch.rand(F, D, generator=generator) - 1) * bound).requires_grad_()
    b = torch.full((F,), -0.15, requires_grad=True)
    start = {"D": D_raw.detach().clone(), "b_enc": b.detach().clone()}
    optimizer = torch.optim.Adam([D_raw, b], lr=5e-3)
    losses, raised = [], 0
    for step in range(STEPS):
        batch = x[step % BATCHES]
        atoms = unit(D_raw)
        scores = batch @ atoms.T
        code = torch.where(scores + b > 0, torch.relu(scores + b) - b, 0)
        loss = (batch - code @ atoms).pow(2).mean() + 1e-2 * code.abs().sum(dim=1).mean() + 0.02 * b.norm()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            raised += int((b > 0).sum())
            b.clamp_(max=0)
        losses.append(loss.item())
    assert raised > 0, "no bias came to 0"
    return start, losses, {"D": D_raw, "b_enc": b}


for name, run in {
    "topk": topk,
    "topk_tied": topk_tied,
    "relu": lambda x, g: relu(x, g, False),
    "relu_tied": lambda x, g: relu(x, g, True),
    "relu_tied_positive": relu_tied_positive,
    "relu_tied_reverse": relu_tied_reverse,
}.items():
    generator = torch.Generator().manual_seed(20261121)
    x = data(generator)
    start, losses, end = run(x, generator)
    tensors = {"x": x, "losses": torch.tensor(losses)}
    tensors |= {f"start.{k}": v.contiguous() for k, v in start.items()}
    tensors |= {f"end.{k}": v.detach().contiguous() for k, v in end.items()}
    save_file(tensors, f"{name}.safetensors", metadata={"torch": torch.__version__, "numpy": np.__version__, "seed": "20261121"})
    print(name, "loss from", losses[0], "to", losses[-1])
