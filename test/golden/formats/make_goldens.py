"""Writes the golden .safetensors and .npy files of this folder with their formats' own libraries.

    python make_goldens.py               writes them beside this script
    python make_goldens.py --check DIR   reads what write-ours.ts wrote to DIR with the same
                                         libraries and compares

No random numbers: element i of every array is given by `element`, so the TypeScript test computes
it again. Written with the versions recorded in versions.json.
"""

import json
import pathlib
import platform
import sys

import numpy as np
import safetensors
import safetensors.numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent


def element(i):
    """A number that every dtype from int8 up holds exactly."""
    return (i * 37) % 101 - 50


def array(shape, dtype):
    n = int(np.prod(shape))
    values = np.array([element(i) for i in range(n)], dtype=np.int64)
    if np.dtype(dtype).kind == "b":
        values = values > 0
    elif np.dtype(dtype).kind == "u":
        values = np.abs(values)
    elif np.dtype(dtype).kind == "f":
        values = values / 8
    return values.astype(dtype).reshape(shape)


def tensor(shape, dtype):
    n = int(np.prod(shape))
    values = [element(i) for i in range(n)]
    if dtype == torch.bool:
        values = [v > 0 for v in values]
    elif dtype in (torch.uint8, torch.uint16):
        values = [abs(v) for v in values]
    elif dtype.is_floating_point:
        values = [v / 8 for v in values]
    return torch.tensor(values, dtype=dtype).reshape(shape)


# name: (shape, dtype); the order of insertion is neither the order of names nor of alignment.
ALL_DTYPES = {
    "zeta.bool": ((5,), torch.bool),
    "u8": ((3, 2), torch.uint8),
    "a.f32": ((2, 3), torch.float32),
    "f16": ((2, 2, 2), torch.float16),
    "bf16": ((4,), torch.bfloat16),
    "i64": ((3,), torch.int64),
    "f64": ((2, 2), torch.float64),
    "i32": ((3, 1), torch.int32),
    "i16": ((5,), torch.int16),
    "u16": ((5,), torch.uint16),
    "i8": ((7,), torch.int8),
    "Z.f32": ((), torch.float32),
    "empty": ((0, 4), torch.float32),
    "Ünïcode \"quoted\"\n.f32": ((1,), torch.float32),
}

NPY = {
    "f8": ((3, 5), "<f8"),
    "f4": ((3, 5), "<f4"),
    "f2": ((3, 5), "<f2"),
    "i8": ((3, 5), "<i8"),
    "i4": ((3, 5), "<i4"),
    "i2": ((3, 5), "<i2"),
    "i1": ((3, 5), "|i1"),
    "u2": ((3, 5), "<u2"),
    "u1": ((3, 5), "|u1"),
    "b1": ((3, 5), "|b1"),
    "scalar": ((), "<f4"),
    "vector": ((7,), "<f4"),
    "empty": ((0, 4), "<f4"),
    "cube": ((2, 3, 4), "<f4"),
}

SPECIAL = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 65504.0, 2.0**-24, 1.0 + 2.0**-10]


def write():
    tensors = {name: tensor(shape, dtype) for name, (shape, dtype) in ALL_DTYPES.items()}
    safetensors.torch.save_file(tensors, HERE / "all-dtypes.safetensors", metadata={"format": "pt"})
    special = {"f32": np.array(SPECIAL, "<f4"), "f16": np.array(SPECIAL, "<f2")}
    safetensors.numpy.save_file(special, HERE / "special-values.safetensors")
    safetensors.numpy.save_file({}, HERE / "no-tensors.safetensors")

    for name, (shape, dtype) in NPY.items():
        np.save(HERE / f"{name}.npy", array(shape, dtype))
    np.save(HERE / "fortran.npy", np.asfortranarray(array((3, 5), "<f4")))
    for version in (1, 2, 3):
        with open(HERE / f"version-{version}.npy", "wb") as f:
            np.lib.format.write_array(f, array((3, 5), "<f4"), version=(version, 0))

    np.save(HERE / "big-endian.npy", array((3, 5), ">f4"))
    np.save(HERE / "refused-fortran-cube.npy", np.asfortranarray(array((2, 3, 4), "<f4")))
    np.save(HERE / "refused-objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(HERE / "refused-fields.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<f4")]))
    np.save(HERE / "refused-uint32.npy", array((3, 5), "<u4"))

    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "safetensors": safetensors.__version__,
        "seed": "none: no random numbers",
    }
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    print(versions)


def check(folder):
    loaded = safetensors.torch.load_file(folder / "all-dtypes.safetensors")
    assert set(loaded) == set(ALL_DTYPES), set(loaded) ^ set(ALL_DTYPES)
    for name, (shape, dtype) in ALL_DTYPES.items():
        assert loaded[name].dtype == dtype, name
        assert torch.equal(loaded[name], tensor(shape, dtype)), name
    with safetensors.safe_open(folder / "all-dtypes.safetensors", "pt") as f:
        assert f.metadata() == {"format": "pt"}, f.metadata()
    for name, (shape, dtype) in NPY.items():
        ours = np.load(folder / f"{name}.npy")
        assert ours.dtype == np.dtype(dtype) and ours.shape == shape, name
        assert np.array_equal(ours, array(shape, dtype)), name
    for version in (1, 2, 3):
        assert np.array_equal(np.load(folder / f"version-{version}.npy"), array((3, 5), "<f4"))
    print(f"read {len(ALL_DTYPES)} tensors and {len(NPY) + 3} arrays from {folder}: all equal")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(pathlib.Path(sys.argv[2]))
    else:
        write()
