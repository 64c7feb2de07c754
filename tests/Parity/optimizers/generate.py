"""Weights under PyTorch's optimizers after each step, in float64. Run: python3 generate.py. Written with torch 1.13.1."""

import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, OUTPUTS, INPUTS = 8, 3, 4
LATE = 3
SGD = {
    "sgd": dict(momentum=0, weight_decay=0),
    "sgd.decay": dict(momentum=0, weight_decay=0.1),
    "sgd.momentum": dict(momentum=0.9, weight_decay=0),
    "sgd.momentum.decay": dict(momentum=0.9, weight_decay=0.1),
    "sgd.nesterov": dict(momentum=0.9, weight_decay=0, nesterov=True),
    "sgd.nesterov.decay": dict(momentum=0.8, weight_decay=0.1, nesterov=True),
}
ADAMW = {
    "adamw": dict(),
    "adamw.plain": dict(weight_decay=0),
    "adamw.own": dict(betas=(0.8, 0.95), eps=0.05, weight_decay=0.3),
}


def run(optimizer, settings, rate, bias_from=0, falling=False):
    """Least squares as SmallTraining.LeastSquares has them: another input and target at each step."""
    weight = hashed("weight", (OUTPUTS, INPUTS)).requires_grad_()
    bias = hashed("bias", (OUTPUTS,)).requires_grad_()
    made = optimizer([weight, bias], lr=rate, **settings)
    weights, biases = [], []
    for step in range(STEPS):
        if falling:
            made.param_groups[0]["lr"] = rate if step < STEPS // 2 else rate / 10
        output = weight @ hashed(f"input{step}", (INPUTS,))
        if step >= bias_from:
            output = output + bias
        made.zero_grad(set_to_none=True)
        ((output - hashed(f"target{step}", (OUTPUTS,))).square().sum() / 2).backward()
        made.step()
        weights.append(weight.detach().clone())
        biases.append(bias.detach().clone())
    return torch.stack(weights), torch.stack(biases)


results = {}
for optimizer, cases, rate in ((torch.optim.SGD, SGD, 0.1), (torch.optim.AdamW, ADAMW, 0.05)):
    for name, settings in cases.items():
        results[name] = run(optimizer, settings, rate)
    # The last case again, where the rate falls half-way, and where the bias joins after some steps.
    results[name + ".falling"] = run(optimizer, settings, rate, falling=True)
    results[name + ".late"] = run(optimizer, settings, rate, bias_from=LATE)
stored = {}
for name, (weights, biases) in results.items():
    stored[name + ".layer.weight"] = weights.float()
    stored[name + ".layer.bias"] = biases.float()
save(os.path.join(HERE, "values.safetensors"), stored, {"torch": torch.__version__})
