"""Times the forward pass of a checkpoint up to a block in transformers, as collecting needs it.

    python collect.py --folder gpt2 --blocks 7 --batch 2 --positions 1024 \\
        [--dtype bfloat16 --threads 2 --repeats 3]

The model is cut to its first blocks when it is loaded, and has no unembedding. What it computes
beyond the last block is one norm. Prints one JSON line: milliseconds per pass (the first one left
out), versions.
"""

import argparse
import json
import time

import torch
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("--folder", required=True)
parser.add_argument("--blocks", type=int, required=True)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--positions", type=int, required=True)
parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repeats", type=int, default=3)
args = parser.parse_args()
torch.set_num_threads(args.threads)

config = transformers.AutoConfig.from_pretrained(args.folder)
config.num_hidden_layers = args.blocks
config.use_cache = False
model = transformers.AutoModel.from_pretrained(
    args.folder, config=config, dtype=getattr(torch, args.dtype)
).eval()
tokens = 3 + torch.arange(args.batch * args.positions) * 7919 % 31_000
tokens = tokens.reshape(args.batch, args.positions)

ms, processor_ms = [], []
with torch.inference_mode():
    for repeat in range(args.repeats + 1):
        start, before = time.perf_counter(), time.process_time()
        model(tokens).last_hidden_state.float()
        if repeat > 0:
            ms.append(1000 * (time.perf_counter() - start))
            processor_ms.append(1000 * (time.process_time() - before))

versions = f"PyTorch {torch.__version__}, transformers {transformers.__version__}"
print(json.dumps({"peer": f"{versions}, {args.dtype}", "ms": ms, "processor_ms": processor_ms}))
