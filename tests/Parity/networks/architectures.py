"""
Names and shapes of torchvision's networks, and their pooled features in float64 after each stage, from weights that both sides compute
(tensors.py). Run: python3 architectures.py. Written with torch 1.13.1 and torchvision 0.14.1.
"""

import os
import sys

import torch
import torchvision
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import digest, fill, hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
# Last entry of `features` in each stage: stages begin behind the stem and wherever the resolution halves.
MOBILE = {"mobilenetv2": ("mobilenet_v2", [1, 3, 6, 13, 18]), "mobilenetv3-small": ("mobilenet_v3_small", [1, 3, 8, 12]),
          "mobilenetv3-large": ("mobilenet_v3_large", [1, 3, 6, 12, 16]), "efficientnet-b0": ("efficientnet_b0", [1, 2, 3, 5, 8])}
ELEMENTS = 128


def build(name, **options):
    """The network without classifier and without chance, and the modules that its stages end with, by number."""
    if name in RESNETS:
        network = getattr(torchvision.models, name)(weights=None)
        network.fc = nn.Identity()
        return network, {1: network.layer1, 2: network.layer2, 3: network.layer3, 4: network.layer4}
    constructor, ends = MOBILE[name]
    network = getattr(torchvision.models, constructor)(weights=None, **options)
    network.classifier = nn.Identity()
    for module in network.modules():
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    return network, {number: network.features[end] for number, end in enumerate(ends, 1)}


def last(ends):
    return {max(ends): ends[max(ends)]}


def forward(stored, key, network, ends, images):
    """
    Features in training, the statistics after it, and features in evaluation with the statistics of these pictures: after one batch with
    PyTorch's momentum the gathered ones are far from the truth, and hardly anything of a picture gets through.
    """
    network = fill(network).double()
    maps = {}
    for number, end in ends.items():
        end.register_forward_hook(lambda module, inputs, output, number=number: maps.update({number: output.mean((2, 3))}))
    with torch.no_grad():
        network.train()(images)
        stored |= {f"{key}.{number}.train": digest(features, ELEMENTS) for number, features in maps.items()}
        statistics = [b.flatten() for n, b in network.named_buffers() if n.endswith(("running_mean", "running_var"))]
        stored[f"{key}.statistics"] = digest(torch.cat(statistics), ELEMENTS)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1
        network(images)
        network.eval()(images)
        stored |= {f"{key}.{number}.eval": digest(features, ELEMENTS) for number, features in maps.items()}


stored = {}
for name in [*RESNETS, *MOBILE]:
    network, ends = build(name)
    with open(os.path.join(HERE, name + ".txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{key} {'x'.join(map(str, tensor.shape))}\n" for key, tensor in network.state_dict().items())
    forward(stored, name, network, ends, hashed("images", (4, 3, 64, 67)))

for name in MOBILE:
    network, ends = build(name)
    network.features[0][0].stride = (1, 1)
    forward(stored, name + ".small", network, last(ends), hashed("images", (4, 3, 33, 32)))
network, ends = build("mobilenetv2", width_mult=0.35)
forward(stored, "mobilenetv2.narrow", network, last(ends), hashed("images", (4, 3, 64, 67)))
save(os.path.join(os.environ.get("OUT", HERE), "architectures.safetensors"), stored,
     {"torch": torch.__version__, "torchvision": torchvision.__version__})
