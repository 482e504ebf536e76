"""Two dictionaries compared in NumPy and SciPy, timed.

    python compare.py --atoms 24576 --d-in 768 --task maxima --repeats 2 --threads 2
    python compare.py --atoms 3072 --d-in 768 --task assignment --repeats 3 --threads 2

maxima: largest cosines of the rows of both, by blocks of rows of the float32 product with running maxima, so that the whole
matrix is never held. assignment: the whole matrix, and linear_sum_assignment. Half of the atoms of b are those of a with noise, as
in bench/compare.ts. Prints one JSON line: milliseconds, versions.
"""

import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--atoms", type=int, required=True)
parser.add_argument("--d-in", type=int, required=True)
parser.add_argument("--task", choices=["maxima", "assignment"], required=True)
parser.add_argument("--repeats", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the threads are set)
import scipy  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402

rng = np.random.default_rng(0)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


a = unit(rng.standard_normal((args.atoms, args.d_in), dtype=np.float32))
b = unit(rng.standard_normal((args.atoms, args.d_in), dtype=np.float32))
b[::2] = a[::2][::-1] + 0.5 * b[::2]
b = unit(b)


def maxima(block=1024):
    """Only the values: the partners, which Concord finds as well, would take longer."""
    best_a = np.empty(args.atoms, dtype=np.float32)
    best_b = np.full(args.atoms, -np.inf, dtype=np.float32)
    for first in range(0, args.atoms, block):
        cosines = a[first : first + block] @ b.T
        cosines.max(axis=1, out=best_a[first : first + block])
        np.maximum(best_b, cosines.max(axis=0), out=best_b)
    return best_a, best_b


def assignment():
    return linear_sum_assignment(1 - a @ b.T)


task = maxima if args.task == "maxima" else assignment
task()
milliseconds = []
for _ in range(args.repeats):
    start = time.perf_counter()
    task()
    milliseconds.append(1000 * (time.perf_counter() - start))
print(json.dumps({"peer": f"numpy {np.__version__}, scipy {scipy.__version__}", "ms": milliseconds}))
