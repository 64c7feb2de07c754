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

# 2006.07733, equation 2.
loss = F.mse_loss(F.normalize(predictions, dim=1), F.normalize(targets, dim=1), reduction="none").sum(1).mean()
results["byol"] = loss
results["byol.predictions"] = torch.autograd.grad(loss, predictions)[0]

# 2002.05709, equation 1. The columns of the rows themselves are removed, so a positive moves up by one where its row stands before it.
first, second = unit("first", N), unit("second", N)
stored |= {"first": first, "second": second}
for temperature in [0.1, 0.5]:
    rows = torch.cat([first, second])
    others = (rows @ rows.T)[~torch.eye(2 * N, dtype=torch.bool)].view(2 * N, 2 * N - 1)
    loss = F.cross_entropy(others / temperature, torch.cat([torch.arange(N) + N - 1, torch.arange(N)]))
    results[f"ntxent.{temperature}"] = loss
    for name, gradient in zip(["first", "second"], torch.autograd.grad(loss, [first, second])):
        results[f"ntxent.{temperature}.{name}"] = gradient

# 2404.19289, section 3. CutMix as a cross-entropy of probabilities, which is no sum of two losses.
cosines = (unit("embeddings", N) @ unit("bank", K).T).detach().float().double().requires_grad_()
own, pasted = (torch.arange(N) * 5 + 3) % K, (torch.arange(N) * 7 + 1) % K
share = torch.tensor(0.3).double()
stored |= {"cosines": cosines, "own": own, "pasted": pasted, "share": share}
mixed = share * F.one_hot(own, K) + (1 - share) * F.one_hot(pasted, K)
for temperature in [0.2, 1.0]:
    for name, target in [("plain", own), ("cutmix", mixed)]:
        loss = F.cross_entropy(cosines / temperature, target)
        results[f"discrimination.{name}.{temperature}"] = loss
        results[f"discrimination.{name}.{temperature}.cosines"] = torch.autograd.grad(loss, cosines)[0]

# 2404.19289, section 3.3.
for exponent in [0.25, 0.5, 2.0]:
    output = cosines.softmax(1)
    target = (output**exponent / (output**exponent).sum(1, keepdim=True)).detach()
    for direction, loss in [("FromOutput", F.kl_div(target.log(), output, reduction="batchmean")),
                            ("FromTarget", F.kl_div(output.log(), target, reduction="batchmean"))]:
        results[f"sqrtkl.{direction}.{exponent}"] = loss
        results[f"sqrtkl.{direction}.{exponent}.cosines"] = torch.autograd.grad(loss, cosines, retain_graph=True)[0]

save(os.path.join(HERE, "values.safetensors"), {name: tensor.float() for name, tensor in (stored | results).items()},
     {"torch": torch.__version__})
