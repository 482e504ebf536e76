"""Times the dense TopK training step in PyTorch, as dictionary_learning's TopKTrainer takes it.

    python topk_step.py --d-sae 24576 --steps 6 \\
        [--batch 4096 --d-in 768 --k 32 --dtype bfloat16 --threads 2]

The trainer is that of commit 60ec6bf. Prints one JSON line: milliseconds per step (the first ones
left out), versions. Input is normal; no latent is dead so early, so AuxK costs its bookkeeping
only, as in Concord's bench.
"""

import argparse
import json
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=4096)
parser.add_argument("--d-in", type=int, default=768)
parser.add_argument("--d-sae", type=int, required=True)
parser.add_argument("--k", type=int, default=32)
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--warmup", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)

decoder = torch.nn.Linear(args.d_sae, args.d_in, bias=False)
decoder.weight.data /= decoder.weight.data.norm(dim=0, keepdim=True)
encoder = torch.nn.Linear(args.d_in, args.d_sae)
encoder.weight.data = decoder.weight.data.T.clone()
encoder.bias.data.zero_()
b_dec = torch.nn.Parameter(torch.zeros(args.d_in))
parameters = [decoder.weight, encoder.weight, encoder.bias, b_dec]
optimizer = torch.optim.Adam(parameters, lr=1e-4, betas=(0.9, 0.999))
tokens_since_fired = torch.zeros(args.d_sae, dtype=torch.long)
x = torch.randn(args.batch, args.d_in)


def step():
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.dtype == "bfloat16"):
        post = torch.relu(encoder(x - b_dec))
        top = post.topk(args.k, sorted=False, dim=-1)
        code = torch.zeros_like(post).scatter_(dim=-1, index=top.indices, src=top.values)
        error = x - (decoder(code) + b_dec)
        fired = torch.zeros(args.d_sae, dtype=torch.bool)
        fired[top.indices.flatten()] = True
        tokens_since_fired.add_(args.batch)
        tokens_since_fired[fired] = 0
        assert int((tokens_since_fired >= 10_000_000).sum()) == 0
        loss = error.pow(2).sum(dim=-1).mean()
    loss.backward()
    with torch.no_grad():
        unit = decoder.weight / (decoder.weight.norm(dim=0, keepdim=True) + 1e-6)
        gradient = decoder.weight.grad
        gradient -= (gradient * unit).sum(dim=0, keepdim=True) * unit
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    with torch.no_grad():
        decoder.weight /= decoder.weight.norm(dim=0, keepdim=True) + torch.finfo(torch.float32).eps


milliseconds = []
for i in range(args.warmup + args.steps):
    start = time.perf_counter()
    step()
    if i >= args.warmup:
        milliseconds.append((time.perf_counter() - start) * 1000)
print(json.dumps({"peer": f"PyTorch {torch.__version__} {args.dtype}", "ms": milliseconds, "threads": args.threads}))
