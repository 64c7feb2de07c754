"""Layers, losses, initial bounds and update rules as PyTorch computes them in float64. Run: python3 generate.py. Written with torch 1.13."""

import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from tensors import hashed, save

stored = {}


def given(name, shape, scale=1.0):
    """Numbers that both sides start from, hence rounded to float32 first."""
    stored[name] = (hashed(name, shape) * scale).float()
    return stored[name].double()


def keep(name, tensor):
    stored[name] = tensor.detach().clone().float() if tensor.is_floating_point() else tensor.detach().clone()


def layer(name, function, inputs):
    """Stores the output, and the gradients of the inputs when the output is weighted by given numbers."""
    for tensor in inputs.values():
        tensor.requires_grad_()
    output = function(*inputs.values())
    keep(f"{name}.output", output)
    upstream = given(f"{name}.upstream", tuple(output.shape))
    for key, gradient in zip(inputs, torch.autograd.grad(output, list(inputs.values()), upstream)):
        keep(f"{name}.grad.{key}", gradient)


def inputs(name, **shapes):
    return {key: given(f"{name}.{key}", shape) for key, shape in shapes.items()}


layer("conv2d.grouped", lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1, groups=2),
      inputs("conv2d.grouped", input=(2, 4, 7, 6), weight=(6, 2, 3, 3), bias=(6,)))
layer("conv2d.dilated", lambda x, w: F.conv2d(x, w, dilation=2), inputs("conv2d.dilated", input=(2, 3, 7, 6), weight=(4, 3, 3, 3)))
layer("linear", F.linear, inputs("linear", input=(5, 7), weight=(3, 7), bias=(3,)))
layer("max_pool2d.stem", lambda x: F.max_pool2d(x, 3, 2, 1), inputs("max_pool2d.stem", input=(2, 3, 7, 6)))
layer("max_pool2d.ceil", lambda x: F.max_pool2d(x, 2, 2, ceil_mode=True), inputs("max_pool2d.ceil", input=(1, 2, 5, 5)))
layer("avg_pool2d", lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), inputs("avg_pool2d", input=(2, 3, 7, 6)))
layer("adaptive_avg_pool2d.1", lambda x: F.adaptive_avg_pool2d(x, 1), inputs("adaptive_avg_pool2d.1", input=(2, 3, 5, 4)))
layer("adaptive_avg_pool2d.3", lambda x: F.adaptive_avg_pool2d(x, 3), inputs("adaptive_avg_pool2d.3", input=(2, 3, 7, 5)))
for name in ["relu6", "silu", "hardsigmoid", "hardswish"]:
    # From −8 to 8, past all their bends.
    wide = given(f"{name}.input", (6, 9), 8)
    layer(name, getattr(F, name), {"input": wide})

rows = inputs("normalize", input=(4, 6))
rows["input"][2] = 0  # shorter than eps
keep("normalize.input", rows["input"])
layer("normalize", lambda x: F.normalize(x), rows)
layer("normalize.p1", lambda x: F.normalize(x, p=1, dim=0), inputs("normalize.p1", input=(4, 6)))

target = torch.tensor([3, 0, 4, 1, 2, 1])
stored["cross_entropy.target"] = target
for name, options in {"mean": {}, "sum": {"reduction": "sum"}, "none": {"reduction": "none"}, "smooth": {"label_smoothing": 0.1},
                      "ignore": {"ignore_index": 1}, "weighted": {"weight": given("cross_entropy.weights", (5,)).abs()}}.items():
    layer(f"cross_entropy.{name}", lambda x: F.cross_entropy(x, target, **options), {"input": given(f"cross_entropy.{name}.input", (6, 5), 4)})

for name, make, shape in [("batch_norm1d", nn.BatchNorm1d, (6, 3)), ("batch_norm2d", nn.BatchNorm2d, (3, 4, 3, 2))]:
    module = make(shape[1], eps=1e-4, momentum=0.2).double()
    module.weight.data = given(f"{name}.weight", (shape[1],))
    module.bias.data = given(f"{name}.bias", (shape[1],))
    first = given(f"{name}.first", shape, 2).requires_grad_()
    output = module(first)
    keep(f"{name}.first.output", output)
    upstream = given(f"{name}.upstream", shape)
    for key, gradient in zip(["input", "weight", "bias"], torch.autograd.grad(output, [first, module.weight, module.bias], upstream)):
        keep(f"{name}.grad.{key}", gradient)
    keep(f"{name}.second.output", module(given(f"{name}.second", shape)))
    for key, buffer in module.named_buffers():
        keep(f"{name}.{key}", buffer)
    module.eval()
    keep(f"{name}.third.output", module(given(f"{name}.third", shape)))

for shape in [(8, 4, 3, 3), (10, 6)]:
    for mode in ["fan_in", "fan_out"]:
        fan = nn.init._calculate_correct_fan(torch.empty(shape), mode)
        for nonlinearity, a in [("linear", 0), ("relu", 0), ("leaky_relu", 0.2)]:
            deviation = nn.init.calculate_gain(nonlinearity, a) / fan**0.5
            stored[f"kaiming.{len(shape)}.{mode}.{nonlinearity}"] = torch.tensor(deviation, dtype=torch.float64)


def optimize(name, make, **options):
    """Five steps with given gradients; the second parameter has none in the first two."""
    parameters = [nn.Parameter(given(f"{name}.parameter.{i}", shape)) for i, shape in enumerate([(3, 4), (5,)])]
    optimizer = make(parameters, **options)
    trails = [[], []]
    for step in range(5):
        for i, parameter in enumerate(parameters):
            parameter.grad = None if i == 1 and step < 2 else given(f"{name}.gradient.{i}.{step}", tuple(parameter.shape))
        optimizer.step()
        for trail, parameter in zip(trails, parameters):
            trail.append(parameter.detach().clone())
    for i, trail in enumerate(trails):
        keep(f"{name}.trail.{i}", torch.stack(trail))


optimize("sgd.plain", torch.optim.SGD, lr=0.1)
optimize("sgd.decay", torch.optim.SGD, lr=0.1, weight_decay=0.05)
optimize("sgd.momentum", torch.optim.SGD, lr=0.1, momentum=0.9)
optimize("sgd.nesterov", torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True)
optimize("sgd.dampening", torch.optim.SGD, lr=0.1, momentum=0.9, dampening=0.3)
optimize("sgd.maximize", torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.05, maximize=True)
optimize("adamw.plain", torch.optim.AdamW, lr=0.01, weight_decay=0)
optimize("adamw.decay", torch.optim.AdamW, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)
optimize("adamw.maximize", torch.optim.AdamW, lr=0.01, weight_decay=0.1, maximize=True)

save(os.path.join(HERE, "values.safetensors"), stored)
