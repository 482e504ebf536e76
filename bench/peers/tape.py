"""Times a step of the convolutional autoencoder of bench/tape.ts in PyTorch, Adam included.

    python tape.py --steps 9 [--batch 64 --size 64 --latent 256 --threads 2]

Prints one JSON line: milliseconds per step (the first ones left out), versions. Weights and images
are in PyTorch's channels_last layout or in its default one, whichever is faster.
"""

import argparse
import json
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--size", type=int, default=64)
parser.add_argument("--latent", type=int, default=256)
parser.add_argument("--steps", type=int, default=9)
parser.add_argument("--warmup", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)
CHANNELS = [1, 16, 32, 64, 128]


def autoencoder():
    inner = args.size // 2 ** (len(CHANNELS) - 1)
    flat = CHANNELS[-1] * inner**2
    layers = []
    for before, after in zip(CHANNELS, CHANNELS[1:]):
        layers += [torch.nn.Conv2d(before, after, 3, stride=2, padding=1), torch.nn.ReLU()]
    layers += [torch.nn.Flatten(), torch.nn.Linear(flat, args.latent), torch.nn.Linear(args.latent, flat), torch.nn.ReLU()]
    layers += [torch.nn.Unflatten(1, (CHANNELS[-1], inner, inner))]
    for before, after in reversed(list(zip(CHANNELS[1:], CHANNELS))):
        layers += [torch.nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def timed(layout):
    model = autoencoder().to(memory_format=layout)
    images = torch.rand(args.batch, 1, args.size, args.size).to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    milliseconds = []
    for i in range(args.warmup + args.steps):
        start = time.perf_counter()
        loss = (model(images) - images).pow(2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if i >= args.warmup:
            milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


runs = [timed(layout) for layout in [torch.contiguous_format, torch.channels_last]]
fastest = min(runs, key=lambda ms: sorted(ms)[len(ms) // 2])
print(json.dumps({"peer": f"PyTorch {torch.__version__}", "ms": fastest, "threads": args.threads}))
