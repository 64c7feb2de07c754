"""Losses and their gradients as PyTorch computes them in float64. Run: python3 generate.py. Written with torch 1.13.1."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
N, E, K = 6, 8, 11
TEMPERATURES = [0.07, 0.2, 1.0]


def unit(name, rows):
    # Rounded to float32 first, so that both sides start from the same numbers.
    return F.normalize(hashed(name, (rows, E)), dim=1).float().double().requires_grad_()


stored = {"queries": unit("queries", N), "keys": unit("keys", N), "negatives": unit("negatives", K)}
queries, keys, negatives = stored.values()
results = {}
for temperature in TEMPERATURES:
    # 1911.05722, algorithm 1.
    positive = torch.einsum("nc,nc->n", [queries, keys]).unsqueeze(-1)
    negative = torch.einsum("nc,kc->nk", [queries, negatives])
    logits = torch.cat([positive, negative], dim=1) / temperature
    loss = F.cross_entropy(logits, torch.zeros(N, dtype=torch.long))
    gradients = torch.autograd.grad(loss, [queries, keys, negatives])
    results[f"infonce.{temperature}"] = loss
    for name, gradient in zip(stored, gradients):
        results[f"infonce.{temperature}.{name}"] = gradient

predictions = (hashed("predictions", (N, E)) * 3).float().double().requires_grad_()
targets = (hashed("targets", (N, E)) * 0.5).float().double()
loss = -F.cosine_similarity(predictions, targets, dim=1).mean()
results["cosine"] = loss
results["cosine.predictions"] = torch.autograd.grad(loss, predictions)[0]
results["unit"] = F.normalize(predictions, dim=1)
stored |= {"predictions": predictions, "targets": targets}
save(os.path.join(HERE, "values.safetensors"), {name: tensor.float() for name, tensor in (stored | results).items()},
     {"torch": torch.__version__})
