"""Times one training step of Mutual Feature Regularization in PyTorch and SciPy.

The operations are those of the MFR authors' code (mutual-feature-regularization e9ec664).

    python mfr_step.py --members 10 --d-in 768 --d-sae 3072 --k 6 --batch 500 --steps 2

The operations that decide its cost are kept: every pair's cosine matrix is formed twice (as cosines
and again for the costs), assigned by linear_sum_assignment, and each member's loss, which includes
the whole consensus term, is propagated back on its own. Mixed precision is off, as it is on a
machine without a GPU. Prints one JSON line with milliseconds per step and of those the
assignments'.
"""

import argparse
import itertools
import json
import math
import time

import scipy
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment

parser = argparse.ArgumentParser()
parser.add_argument("--members", type=int, required=True)
parser.add_argument("--d-in", type=int, required=True)
parser.add_argument("--d-sae", type=int, required=True)
parser.add_argument("--k", type=int, required=True)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--weight", type=float, default=0.005)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--steps", type=int, default=2)
parser.add_argument("--warmup", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)

encoders = [torch.nn.Linear(args.d_in, args.d_sae) for _ in range(args.members)]
for encoder in encoders:
    torch.nn.init.orthogonal_(encoder.weight)
    torch.nn.init.zeros_(encoder.bias)
optimizers = [torch.optim.Adam(encoder.parameters(), lr=args.lr) for encoder in encoders]
assignment_seconds = 0.0


def matched_similarity(a, b):
    """Mean cosine of columns matched one to one."""
    global assignment_seconds
    cosine = F.normalize(a, dim=0).T @ F.normalize(b, dim=0)
    start = time.perf_counter()
    rows, columns = linear_sum_assignment((1 - cosine).detach().cpu().numpy())
    assignment_seconds += time.perf_counter() - start
    return cosine[rows, columns].mean()


def step(number, x):
    outputs, codes = [], []
    for encoder in encoders:
        pre = encoder(x)
        top, _ = torch.topk(pre, args.k, dim=1)
        code = pre * (pre >= top[:, -1:])
        codes.append(code)
        outputs.append(F.linear(code, F.normalize(encoder.weight, p=2, dim=1).t()))
    pairs = itertools.combinations([encoder.weight.t() for encoder in encoders], 2)
    terms = torch.stack([1 - matched_similarity(a.clone(), b.clone()) for a, b in pairs])
    warm = 1.0 if number >= 100 else 0.5 * (1 + math.cos(math.pi * (100 - number) / 100))
    consensus = terms.mean() * args.weight * warm
    losses = [F.mse_loss(output, x) + consensus for output in outputs]
    for code in codes:
        rate = (code != 0).float().mean(dim=0)
        (((rate - 0.0625).abs() / 0.0625) ** 3).mean().item()
    for i, (optimizer, loss) in enumerate(zip(optimizers, losses)):
        optimizer.zero_grad()
        loss.backward(retain_graph=i < len(losses) - 1)
        optimizer.step()


milliseconds, assigned = [], []
for i in range(args.warmup + args.steps):
    x = torch.randn(args.batch, args.d_in)
    assignment_seconds = 0.0
    start = time.perf_counter()
    step(i + 1, x)
    if i >= args.warmup:
        milliseconds.append((time.perf_counter() - start) * 1000)
        assigned.append(assignment_seconds * 1000)
peer = f"PyTorch {torch.__version__}, SciPy {scipy.__version__}"
print(json.dumps({"peer": peer, "ms": milliseconds, "assignment_ms": assigned, "threads": args.threads}))
