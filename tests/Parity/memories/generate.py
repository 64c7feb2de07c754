"""
What MoCo v2, BYOL and instance discrimination remember after fifty SGD steps of a tiny residual network: queue, momentum copy, bank.
Computed in float64 from weights and pictures that both sides compute (tensors.py), step by step as in arXiv 2003.04297, 2006.07733
and 2404.19289. Run: python3 generate.py, with --float32 and OUT=FOLDER to see how much of a result is rounding. Written with torch 1.13.1
and torchvision 0.14.1.
"""

import copy
import math
import os
import sys

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import fill, hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
DTYPE = torch.float32 if "--float32" in sys.argv else torch.float64
# Neither queue nor pool is a multiple of the batch: both wrap within one. Sizes and rate are such that no rectifier's input comes so close
# to zero that rounding to float32 decides its sign, which would change a gradient at once by far more than by rounding.
BATCH, IMAGES, RESOLUTION, STEPS = 16, 51, 4, 50
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.003, 0.9, 5e-4
WIDTH, HIDDEN, EMBEDDING = 4, 16, 16
TEMPERATURE = 0.2
QUEUE, KEY_MOMENTUM = 37, 0.98
TARGET_MOMENTUM = 0.96
BANK_MOMENTUM, DISTILLATION_WEIGHT = 0.5, 20


class Network(nn.Module):
    """A ResNet with the stem for small pictures and the first two stages, of one block each."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTH)
        self.layer1 = nn.Sequential(BasicBlock(WIDTH, WIDTH))
        shortcut = nn.Sequential(nn.Conv2d(WIDTH, 2 * WIDTH, 1, 2, bias=False), nn.BatchNorm2d(2 * WIDTH))
        self.layer2 = nn.Sequential(BasicBlock(WIDTH, 2 * WIDTH, 2, shortcut))

    def forward(self, x):
        return self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))).mean((2, 3))


class Head(nn.Module):
    def __init__(self, *widths, norm):
        super().__init__()
        layers = []
        for inputs, outputs in zip(widths[:-2], widths[1:-1]):
            layers += [nn.Linear(inputs, outputs, bias=not norm)] + [nn.BatchNorm1d(outputs)] * norm + [nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))

    def forward(self, x):
        return self.layers(x)


def follow(copies, originals, m):
    with torch.no_grad():
        for copied, original in zip(copies.parameters(), originals.parameters()):
            copied.copy_(m * copied + (1 - m) * original)


class Moco(nn.Module):
    memories = "key_backbone", "key_head", "queue"

    def __init__(self):
        super().__init__()
        self.backbone, self.head = Network(), Head(2 * WIDTH, 2 * WIDTH, EMBEDDING, norm=False)
        self.key_backbone, self.key_head = copy.deepcopy(self.backbone), copy.deepcopy(self.head)

    def start(self):
        self.queue = [F.normalize(row, dim=0) for row in hashed("queue", (QUEUE, EMBEDDING)).to(DTYPE)]
        self.end = 0

    def forward(self, x1, x2, indices):
        follow(self.key_backbone, self.backbone, KEY_MOMENTUM)
        follow(self.key_head, self.head, KEY_MOMENTUM)
        q = F.normalize(self.head(self.backbone(x1)), dim=1)
        with torch.no_grad():
            k = F.normalize(self.key_head(self.key_backbone(x2)), dim=1)
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ torch.stack(self.queue).t()], 1) / TEMPERATURE
        for key in k:
            self.queue[self.end] = key
            self.end = (self.end + 1) % QUEUE
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long))

    def after(self, step):
        pass

    def remembered(self):
        return {"queue.rows": torch.stack(self.queue), "queue.next": torch.tensor([self.end])}


class Byol(nn.Module):
    memories = "target_backbone", "target_projector"

    def __init__(self):
        super().__init__()
        self.backbone, self.projector = Network(), Head(2 * WIDTH, HIDDEN, EMBEDDING, norm=True)
        self.predictor = Head(EMBEDDING, HIDDEN, EMBEDDING, norm=True)
        self.target_backbone, self.target_projector = copy.deepcopy(self.backbone), copy.deepcopy(self.projector)

    def start(self):
        pass

    def forward(self, x1, x2, indices):
        p1, p2 = (self.predictor(self.projector(self.backbone(x))) for x in (x1, x2))
        with torch.no_grad():
            z1, z2 = (self.target_projector(self.target_backbone(x)) for x in (x1, x2))
        return sum((F.normalize(p, dim=1) - F.normalize(z, dim=1)).square().sum(1).mean() for p, z in [(p1, z2), (p2, z1)])

    def after(self, step):
        m = 1 - (1 - TARGET_MOMENTUM) * (math.cos(math.pi * step / STEPS) + 1) / 2
        follow(self.target_backbone, self.backbone, m)
        follow(self.target_projector, self.projector, m)

    def remembered(self):
        return {}


class InstanceDiscrimination(nn.Module):
    memories = "bank",

    def __init__(self, corrected):
        super().__init__()
        self.corrected = corrected
        self.backbone, self.projector = Network(), Head(2 * WIDTH, HIDDEN, HIDDEN, EMBEDDING, norm=True)

    def start(self):
        """Calibration: the untrained network, with batch statistics, fills every row."""
        self.bank = torch.zeros(IMAGES, EMBEDDING, dtype=DTYPE)
        with torch.no_grad():
            for indices in torch.arange(IMAGES).split(20):
                self.bank[indices] = F.normalize(self.projector(self.backbone(pool("view1")[indices])), dim=1)

    def forward(self, x, _, indices):
        z = F.normalize(self.projector(self.backbone(x)), dim=1)
        cosines = z @ self.bank.t()
        p = cosines.softmax(1)
        u = p.detach().sqrt() / p.detach().sqrt().sum(1, keepdim=True)
        self.seen = z.detach(), indices
        distillation = (p * (p.log() - u.log())).sum(1).mean()
        return F.cross_entropy(cosines / TEMPERATURE, indices) + DISTILLATION_WEIGHT * distillation

    def after(self, step):
        z, indices = self.seen
        if self.corrected:
            # A step of descent on the discrimination loss, summed over the batch. The gradient is left to autograd.
            bank = self.bank.clone().requires_grad_()
            gradient, = torch.autograd.grad(F.cross_entropy(z @ bank.t() / TEMPERATURE, indices, reduction="sum"), bank)
            self.bank = F.normalize(self.bank - TEMPERATURE * (1 - BANK_MOMENTUM) / BANK_MOMENTUM * gradient, dim=1)
        else:
            for i, embedding in zip(indices, z):
                self.bank[i] = F.normalize(BANK_MOMENTUM * self.bank[i] + (1 - BANK_MOMENTUM) * embedding, dim=0)

    def remembered(self):
        return {"bank.rows": self.bank}


def pool(view):
    """Pictures that both sides compute. Views of one share colour and stripes, not noise."""
    shared = hashed("colours", (IMAGES, 3, 1, 1)) + hashed("stripes", (IMAGES, 3, 1, RESOLUTION))
    return (shared + 0.5 * hashed(view, (IMAGES, 3, RESOLUTION, RESOLUTION))).to(DTYPE)


def train(model):
    # A momentum copy has other numbers than its original, for it has other names: so the share that it takes at each step shows.
    model = fill(model).to(DTYPE)
    model.start()
    trained = [parameter for name, parameter in model.named_parameters() if not name.startswith(model.memories)]
    optimizer = torch.optim.SGD(trained, LEARNING_RATE, MOMENTUM, weight_decay=WEIGHT_DECAY)
    views, losses = [pool("view1"), pool("view2")], []
    for step in range(STEPS):
        indices = torch.tensor([(7 * step + 3 * i) % IMAGES for i in range(BATCH)])
        loss = model(views[0][indices], views[1][indices], indices)
        losses.append(loss.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.after(step)
    stored = {**model.state_dict(), **model.remembered(), "losses": torch.stack(losses)}
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in stored.items()}


if __name__ == "__main__":
    for name, model in [("moco", Moco()), ("byol", Byol()), ("instdisc-corrected", InstanceDiscrimination(True)),
                        ("instdisc-momentum", InstanceDiscrimination(False))]:
        save(os.path.join(os.environ.get("OUT", HERE), name + ".safetensors"), train(model),
             {"torch": torch.__version__, "torchvision": torchvision.__version__})
