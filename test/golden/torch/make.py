"""Makes the golden files here: small files of torch.save, and pickles that must be refused.

    python make.py

gpt2.bin and gpt2-legacy.bin hold the weights of ../models/gpt2 in the two formats of torch.save.

state.pt and state-legacy.pt hold the same ordered dictionary, in the zip format and in the one of
torch before 1.6; expected.safetensors holds its tensors, made contiguous. *-refused.pt are pickles
that would run something, or that hold more than tensors.
"""

import collections
import json
import os

import torch
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261121


class RunsSomething:
    def __reduce__(self):
        return (os.system, ("echo this must not run",))


class OfItsOwn:
    def __init__(self):
        self.weight = torch.ones(2)


def main():
    generator = torch.Generator().manual_seed(SEED)
    normal = lambda *shape: torch.randn(*shape, generator=generator)
    big = normal(4, 6)
    state = collections.OrderedDict()
    state["float32"] = normal(3, 5)
    state["float16"] = normal(7).half()
    state["bfloat16"] = normal(2, 2, 2).bfloat16()
    state["float64"] = normal(3).double()
    state["int64"] = torch.tensor([-1, 2**40])
    state["uint8"] = torch.tensor([0, 255, 7], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False])
    state["scalar"] = torch.tensor(2.5)
    state["empty"] = torch.zeros(0, 4)
    state["whole"] = big
    state["rows"] = big[1:3]
    state["transposed"] = big.t()
    state["parameter"] = torch.nn.Parameter(normal(2, 3))
    torch.save(state, os.path.join(HERE, "state.pt"))
    torch.save(state, os.path.join(HERE, "state-legacy.pt"), _use_new_zipfile_serialization=False)
    torch.save({"state_dict": state, "step": 3}, os.path.join(HERE, "nested.pt"))
    contiguous = {k: v.detach().contiguous().clone() for k, v in state.items()}
    save_file(contiguous, os.path.join(HERE, "expected.safetensors"))
    gpt2 = load_file(os.path.join(HERE, "../models/gpt2/model.safetensors"))
    torch.save(gpt2, os.path.join(HERE, "gpt2.bin"))
    torch.save(gpt2, os.path.join(HERE, "gpt2-legacy.bin"), _use_new_zipfile_serialization=False)
    torch.save(RunsSomething(), os.path.join(HERE, "system-refused.pt"))
    torch.save({"a": RunsSomething()}, os.path.join(HERE, "nested-refused.pt"))
    torch.save(
        RunsSomething(), os.path.join(HERE, "legacy-refused.pt"), _use_new_zipfile_serialization=False
    )
    torch.save(OfItsOwn(), os.path.join(HERE, "class-refused.pt"))
    linear = torch.nn.Linear(2, 2)
    torch.save(linear, os.path.join(HERE, "module-refused.pt"))
    with open(os.path.join(HERE, "versions.json"), "w") as f:
        json.dump({"torch": torch.__version__, "seed": SEED}, f)


if __name__ == "__main__":
    main()
