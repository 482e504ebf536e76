"""Times a TopK training step in PyTorch whose decoder and gradients are sparse, as sparsify's are.

    python sparse_topk_step.py --d-sae 24576 --steps 6 \\
        [--batch 4096 --d-in 768 --k 32 --threads 2]

EleutherAI's sparsify decodes with embedding_bag and adds gradients per active latent (its
`eager_decode` and `FusedEncoder`). The same is written out here: only the encoder multiplies by all
latents. Adam is PyTorch's fused one. What topk_step.py does besides, this does too: unit atoms,
gradients without the part along the atom, clipping, and a count of the tokens since a latent was
active.

Sums over active latents are taken by index_add, or as products with a sparse matrix; the encoder is
in float32, or in bfloat16. The fastest of the four is reported, as one JSON line.
"""

import argparse
import json
import time
import warnings

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=4096)
parser.add_argument("--d-in", type=int, default=768)
parser.add_argument("--d-sae", type=int, required=True)
parser.add_argument("--k", type=int, default=32)
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--warmup", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)

decoder = torch.randn(args.d_sae, args.d_in)
decoder /= decoder.norm(dim=1, keepdim=True)
encoder = torch.nn.Parameter(decoder.clone())
decoder = torch.nn.Parameter(decoder)
b_enc = torch.nn.Parameter(torch.zeros(args.d_sae))
b_dec = torch.nn.Parameter(torch.zeros(args.d_in))
parameters = [decoder, encoder, b_enc, b_dec]
for parameter in parameters:
    parameter.grad = torch.zeros_like(parameter)
optimizer = torch.optim.Adam(parameters, lr=1e-4, betas=(0.9, 0.999), fused=True)
tokens_since_fired = torch.zeros(args.d_sae, dtype=torch.long)
x = torch.randn(args.batch, args.d_in)
row_starts = torch.arange(0, args.batch * args.k + 1, args.k)


class ByIndex:
    """One index_add, or one gather, per place of the selection."""

    @staticmethod
    def add(gradient, indices, values, rows):
        """gradient[latent] += value · row for each active latent of a row."""
        for j in range(args.k):
            gradient.index_add_(0, indices[:, j], values[:, j : j + 1] * rows)

    @staticmethod
    def products(indices, rows):
        """row · atom for each active latent of a row, [batch, k]."""
        places = range(args.k)
        return torch.stack([(decoder[indices[:, j]] * rows).sum(dim=1) for j in places], dim=1)


class BySparseMatrix:
    """The same by MKL's products with a sparse matrix of the active latents."""

    @staticmethod
    def matrix(indices, values):
        shape = (args.batch, args.d_sae)
        return torch.sparse_csr_tensor(row_starts, indices.flatten(), values.flatten(), shape)

    @classmethod
    def add(cls, gradient, indices, values, rows):
        gradient += cls.matrix(indices, values).t().to_sparse_csr() @ rows

    @classmethod
    def products(cls, indices, rows):
        ones = torch.ones(indices.shape)
        found = torch.sparse.sampled_addmm(cls.matrix(indices, ones), rows, decoder.t(), beta=0.0)
        return found.values().view(args.batch, args.k)


@torch.no_grad()
def step(way, dtype):
    centred = x - b_dec
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bfloat16"):
        pre = F.linear(centred, encoder, b_enc)
    values, indices = torch.relu(pre).topk(args.k, sorted=False, dim=-1)
    values = values.float()
    error = F.embedding_bag(indices, decoder, mode="sum", per_sample_weights=values) + b_dec - x
    tokens_since_fired.add_(args.batch)
    tokens_since_fired[indices.flatten()] = 0
    assert int((tokens_since_fired >= 10_000_000).sum()) == 0
    error *= 2 / args.batch
    of_code = way.products(indices, error) * (values > 0)
    for parameter in parameters:
        parameter.grad.zero_()
    way.add(decoder.grad, indices, values, error)
    way.add(encoder.grad, indices, of_code, centred)
    b_enc.grad.index_add_(0, indices.flatten(), of_code.flatten())
    # The encoder is given x − b_dec, so its gradient reaches b_dec as well.
    b_dec.grad.copy_(error.sum(dim=0) - b_enc.grad @ encoder)
    decoder.grad -= (decoder.grad * decoder).sum(dim=1, keepdim=True) * decoder
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    decoder.div_(decoder.norm(dim=1, keepdim=True) + torch.finfo(torch.float32).eps)


def timed(way, dtype):
    milliseconds = []
    for i in range(args.warmup + args.steps):
        start = time.perf_counter()
        step(way, dtype)
        if i >= args.warmup:
            milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


warnings.filterwarnings("ignore", message="Sparse ")
variants = [(way, dtype) for way in (ByIndex, BySparseMatrix) for dtype in ("float32", "bfloat16")]
times = {variant: timed(*variant) for variant in variants}
way, dtype = min(variants, key=lambda variant: min(times[variant]))
peer = f"PyTorch {torch.__version__} {dtype}, sparse {way.__name__}"
print(json.dumps({"peer": peer, "ms": times[way, dtype], "threads": args.threads}))
