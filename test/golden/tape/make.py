"""Writes values and gradients of the tape's operations, in PyTorch, float32 on one thread.

    python make.py      (made with PyTorch 2.15.0, safetensors; seed 20261201)

For every case the file holds its inputs, its value, the weights w of the loss sum(w * value), and
the gradient of that loss for every input. Images have their channels last, as on the tape; PyTorch
has them second, so they are permuted on the way in and out. The file also holds ten steps of Adam and
of AdamW.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(20261201)
tensors = {}


def normal(*shape):
    return torch.randn(shape, generator=generator)


def case(name, function, **inputs):
    """Integer inputs have no gradient."""
    for key, value in inputs.items():
        if value.is_floating_point():
            value.requires_grad_()
        tensors[f"{name}/{key}"] = value.detach().clone() if value.is_floating_point() else value.to(torch.int32)
    value = function(**inputs)
    w = normal(*value.shape)
    (w * value).sum().backward()
    tensors[f"{name}/value"] = value.detach().clone()
    tensors[f"{name}/w"] = w
    for key, given in inputs.items():
        if given.is_floating_point():
            tensors[f"{name}/{key}.gradient"] = given.grad.clone()


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def topk(x, k):
    top = x.topk(k, dim=-1)
    return torch.zeros_like(x).scatter(-1, top.indices, top.values)


case("matmul", lambda a, b: a @ b, a=normal(5, 7), b=normal(7, 4))
case("matmul_transpose_a", lambda a, b: a.T @ b, a=normal(7, 5), b=normal(7, 4))
case("matmul_transpose_b", lambda a, b: a @ b.T, a=normal(5, 7), b=normal(4, 7))
case("matmul_transpose_both", lambda a, b: a.T @ b.T, a=normal(7, 5), b=normal(4, 7))
case("linear", F.linear, input=normal(3, 2, 6), weight=normal(4, 6), bias=normal(4))
for name, function in {"relu": F.relu, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}.items():
    z = 2 * normal(5, 9)
    # Away from the kink of relu, so that finite differences do not cross it.
    case(name, lambda x, f=function: f(x), x=z + 0.05 * z.sign())
for name, function in {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul}.items():
    case(name, lambda a, b, f=function: f(a, b), a=normal(4, 3), b=normal(4, 3))
    case(f"{name}_vector", lambda a, b, f=function: f(a, b), a=normal(4, 3), b=normal(3))
    case(f"{name}_scalar", lambda a, b, f=function: f(a, b), a=normal(4, 3), b=normal())
case("divide", torch.div, input=normal(4, 3), other=1 + normal(3).abs())
case("square", torch.square, input=normal(6))
case("absolute", torch.abs, input=normal(6))
case("exponential", torch.exp, input=normal(6))
case("logarithm", torch.log, input=0.5 + normal(6).abs())
case("square_root", torch.sqrt, input=0.5 + normal(6).abs())
case("sum", lambda x: x.sum(), x=normal(3, 4))
case("mean_0", lambda x: x.mean(dim=0), x=normal(3, 4, 2))
case("sum_1", lambda x: x.sum(dim=1), x=normal(3, 4, 2))
case("mean_2", lambda x: x.mean(dim=2), x=normal(3, 4, 2))
case("softmax", lambda x: x.softmax(dim=-1), x=3 * normal(4, 6))
case("layer_norm", lambda x, gamma, beta: F.layer_norm(x, [6], gamma, beta), x=normal(4, 6), gamma=normal(6), beta=normal(6))
case("unit_rows", lambda x: F.normalize(x, dim=-1), x=normal(4, 6))
case("top_k", lambda x: topk(x, 3), x=normal(5, 8))
case("gather", lambda x, index: x[index], x=normal(5, 3), index=torch.tensor([4, 0, 4, 2]))
case("permute", lambda x: x.permute(2, 0, 3, 1).contiguous(), x=normal(2, 3, 4, 2))
case("mean_squared_error", F.mse_loss, input=normal(4, 3), target=normal(4, 3))
case("squared_distance", lambda x, target: (x - target).pow(2).sum(dim=-1).mean(), x=normal(4, 3), target=normal(4, 3))
case("mean_absolute_error", F.l1_loss, input=normal(4, 3), target=normal(4, 3))
case("l1_norm", lambda x: x.abs().sum(dim=-1).mean(), x=normal(4, 3))
case("cross_entropy", F.cross_entropy, input=normal(5, 4), target=torch.tensor([3, 0, 1, 1, 2]))


def convolution(stride, padding):
    """Weights [kernel_height, kernel_width, channels, filters]."""
    return lambda x, W, b: last(F.conv2d(first(x), W.permute(3, 2, 0, 1), b, stride, padding))


def transposed(stride, padding, output_padding):
    """Weights [kernel_height, kernel_width, filters, channels]."""
    return lambda x, W, b: last(F.conv_transpose2d(first(x), W.permute(3, 2, 0, 1), b, stride, padding, output_padding))


case("conv2d", convolution(1, 0), x=normal(2, 6, 5, 3), W=normal(3, 2, 3, 4), b=normal(4))
case("conv2d_stride", convolution(2, 1), x=normal(3, 7, 8, 2), W=normal(3, 3, 2, 5), b=normal(5))
case("conv_transpose2d", transposed(1, 0, 0), x=normal(2, 4, 3, 3), W=normal(2, 3, 4, 3), b=normal(4))
case("conv_transpose2d_stride", transposed(2, 1, 1), x=normal(3, 4, 3, 2), W=normal(3, 3, 5, 2), b=normal(5))
case("max_pool2d", lambda x: last(F.max_pool2d(first(x), 2)), x=normal(2, 5, 4, 3))
case("average_pool2d", lambda x: last(F.avg_pool2d(first(x), 2)), x=normal(2, 5, 4, 3))
case("upsample2d", lambda x: last(F.interpolate(first(x), scale_factor=2)), x=normal(2, 3, 2, 3))

running = {"mean": 0.1 * normal(3), "variance": 1 + 0.1 * normal(3).abs()}
for mode in ["train", "infer"]:
    for key in running:
        tensors[f"batch_norm_{mode}/running_{key}"] = running[key].clone()
    case(
        f"batch_norm_{mode}",
        lambda x, gamma, beta: last(F.batch_norm(first(x), running["mean"], running["variance"], gamma, beta, mode == "train")),
        x=normal(4, 3, 2, 3), gamma=normal(3), beta=normal(3),
    )
    for key in running:
        tensors[f"batch_norm_{mode}/running_{key}.after"] = running[key].clone()

# Ten steps of each optimiser on fixed gradients.
start, gradients = normal(7), normal(10, 7)
tensors["optimizer/start"], tensors["optimizer/gradients"] = start, gradients
for name, make in {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
}.items():
    p = start.clone().requires_grad_()
    optimizer = make([p])
    for gradient in gradients:
        p.grad = gradient.clone()
        optimizer.step()
    tensors[f"optimizer/{name}"] = p.detach()

save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, "operations.safetensors")
