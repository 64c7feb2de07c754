"""
Forward, loss, every gradient and ten SGD steps of torchvision's ResNets under MoCo and SimSiam, computed in float64 from weights
that both sides compute (tensors.py). Run: python3 generate.py. Written with torch 1.13.1 and torchvision 0.14.1.
"""

import copy
import os
import sys

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import digest, fill, hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
DTYPE = torch.float32 if "--float32" in sys.argv else torch.float64
BATCH, POOL, STEPS = 8, 16, 10
LEARNING_RATE = {"moco": 0.002, "simsiam": 0.0002}
MOMENTUM, WEIGHT_DECAY = 0.9, 5e-4
TEMPERATURE, KEY_MOMENTUM, QUEUE, EMBEDDING = 0.2, 0.9, 20, 16
PROJECTOR, PREDICTOR = 32, 8


def backbone(name, small):
    network = getattr(torchvision.models, name)(weights=None)
    network.fc = nn.Identity()
    if small:
        network.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        network.maxpool = nn.Identity()
    return network


class Head(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class Moco(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.backbone = network
        self.head = Head(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, EMBEDDING))

    def start(self):
        self.key = copy.deepcopy(nn.ModuleList([self.backbone, self.head]))
        self.queue = F.normalize(hashed("queue", (QUEUE, EMBEDDING)), dim=1).float().to(DTYPE)
        self.end = 0

    def forward(self, x1, x2):
        q = F.normalize(self.head(self.backbone(x1)), dim=1)
        with torch.no_grad():
            for ours, theirs in zip(self.key.parameters(), nn.ModuleList([self.backbone, self.head]).parameters()):
                ours.copy_(KEY_MOMENTUM * ours + (1 - KEY_MOMENTUM) * theirs)
            k = F.normalize(self.key[1](self.key[0](x2)), dim=1)
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ self.queue.clone().t()], 1) / TEMPERATURE
        for row in k:
            self.queue[self.end] = row
            self.end = (self.end + 1) % QUEUE
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long))

    def trained(self):
        return [(n, p) for n, p in self.named_parameters() if not n.startswith("key.")]


class Simsiam(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.backbone = network
        self.projector = Head(
            nn.Linear(512, PROJECTOR, bias=False), nn.BatchNorm1d(PROJECTOR), nn.ReLU(),
            nn.Linear(PROJECTOR, PROJECTOR, bias=False), nn.BatchNorm1d(PROJECTOR), nn.ReLU(),
            nn.Linear(PROJECTOR, PROJECTOR, bias=False), nn.BatchNorm1d(PROJECTOR, affine=False))
        self.predictor = Head(
            nn.Linear(PROJECTOR, PREDICTOR, bias=False), nn.BatchNorm1d(PREDICTOR), nn.ReLU(), nn.Linear(PREDICTOR, PROJECTOR))

    def start(self):
        pass

    def forward(self, x1, x2):
        z1, z2 = self.projector(self.backbone(x1)), self.projector(self.backbone(x2))
        p1, p2 = self.predictor(z1), self.predictor(z2)
        return -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean()) / 2

    def trained(self):
        return list(self.named_parameters())


def batch(view, step, resolution):
    """Rows of a pool of pictures that both sides compute; each step takes others. Views share colour and stripes, not noise."""
    pool = hashed("colours", (POOL, 3, 1, 1)) + hashed("stripes", (POOL, 3, 1, resolution)) \
        + 0.5 * hashed(view, (POOL, 3, resolution, resolution))
    return pool[[(3 * step + i) % POOL for i in range(BATCH)]].to(DTYPE)


def train(kind, name, small, resolution):
    model = fill(kind(backbone("resnet18", small))).to(DTYPE)
    model.start()
    optimizer = torch.optim.SGD([p for _, p in model.trained()], LEARNING_RATE[name], MOMENTUM, weight_decay=WEIGHT_DECAY)
    start = {name: parameter.detach().clone() for name, parameter in model.trained()}
    stored, losses = {}, []
    for step in range(STEPS):
        loss = model(batch("view1", step, resolution), batch("view2", step, resolution))
        losses.append(loss.detach())
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            stored |= {"gradient." + name: digest(parameter.grad) for name, parameter in model.trained()}
        optimizer.step()
    stored["losses"] = torch.stack(losses).float()
    stored |= {"final." + name: digest(parameter) for name, parameter in model.trained()}
    stored |= {"moved." + name: digest(parameter - start[name]) for name, parameter in model.trained()}
    stored |= {"final." + name: digest(tensor) for name, tensor in model.named_buffers() if tensor.dim() > 0 and not name.startswith("key.")}
    if isinstance(model, Moco):
        stored["queue"] = model.queue.float()
        stored |= {"key_backbone." + name: digest(tensor) for name, tensor in model.key[0].state_dict().items() if tensor.dim() > 0}
        stored |= {"key_head." + name: digest(tensor) for name, tensor in model.key[1].state_dict().items()}
    return stored


forward = {}
for name, small, resolution in [("resnet18", False, 56), ("resnet18", True, 17), ("resnet34", False, 33)]:
    network = fill(backbone(name, small)).to(DTYPE)
    images = hashed("images", (4, 3, resolution, resolution + 3)).to(DTYPE)
    with torch.no_grad():
        forward[f"{name}.{'small' if small else 'imagenet'}.train"] = network.train()(images).float()
        # The statistics of the first call are part of what is compared here.
        forward[f"{name}.{'small' if small else 'imagenet'}.eval"] = network.eval()(images).float()
out = os.environ.get("OUT", HERE)
save(os.path.join(out, "forward.safetensors"), forward)
for kind, name in [(Moco, "moco"), (Simsiam, "simsiam")]:
    for small, resolution in [(False, 33), (True, 9)]:
        save(os.path.join(out, f"{name}-{'small' if small else 'imagenet'}.safetensors"), train(kind, name, small, resolution),
             {"torch": torch.__version__, "torchvision": torchvision.__version__})
