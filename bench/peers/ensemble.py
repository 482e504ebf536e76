"""Times a step of stacked tied SAEs in PyTorch, gradients through torch.func.vmap.

    python ensemble.py [--members 16 --d-in 512 --d-sae 1024 --batch 2048 --steps 4 --threads 2]

The loss is that of FunctionalTiedSAE in HoagyC/sparse_coding (69c5ae0), whose FunctionalEnsemble
stacks models on a leading axis in this way. There torchopt's Adam is vmapped; here Adam is written
out on the stacked tensors, which is the same arithmetic. Prints one JSON line: milliseconds per step
of all models (the first ones left out), versions. Input is normal: a dense step takes as long on
any rows.
"""

import argparse
import json
import time

import torch
from torch.func import grad, vmap

parser = argparse.ArgumentParser()
parser.add_argument("--members", type=int, default=16)
parser.add_argument("--d-in", type=int, default=512)
parser.add_argument("--d-sae", type=int, default=1024)
parser.add_argument("--batch", type=int, default=2048)
parser.add_argument("--steps", type=int, default=4)
parser.add_argument("--warmup", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)

bound = (6 / (args.d_sae + args.d_in)) ** 0.5
parameters = {
    "encoder": (2 * torch.rand(args.members, args.d_sae, args.d_in) - 1) * bound,
    "bias": torch.zeros(args.members, args.d_sae),
}
alphas = torch.logspace(-4, -2, args.members)
moments = {name: (torch.zeros_like(p), torch.zeros_like(p)) for name, p in parameters.items()}
x = torch.randn(args.batch, args.d_in)


def loss(parameters, alpha, batch):
    encoder = parameters["encoder"]
    atoms = encoder / encoder.norm(dim=-1).clamp(min=1e-8)[:, None]
    code = torch.relu(batch @ atoms.T + parameters["bias"])
    return (code @ atoms - batch).pow(2).mean() + alpha * code.abs().sum(dim=-1).mean()


gradients = vmap(grad(loss), in_dims=(0, 0, None))


def step(t):
    found = gradients(parameters, alphas, x)
    for name, p in parameters.items():
        m, v = moments[name]
        m.mul_(0.9).add_(found[name], alpha=0.1)
        v.mul_(0.999).addcmul_(found[name], found[name], value=0.001)
        p.sub_(1e-3 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8))


milliseconds = []
for i in range(args.warmup + args.steps):
    start = time.perf_counter()
    step(i + 1)
    if i >= args.warmup:
        milliseconds.append((time.perf_counter() - start) * 1000)
print(json.dumps({"peer": f"PyTorch {torch.__version__} vmap", "ms": milliseconds, "threads": args.threads}))
