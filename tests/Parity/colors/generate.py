"""
Colour operations of torchvision.transforms.functional on float tensors, in float64. Run: python3 generate.py.
Written with torch 1.13.1 and torchvision 0.14.1.
"""

import itertools
import os
import sys

import torch
import torchvision
import torchvision.transforms.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import hashed, save

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE = 48
BRIGHTNESS, CONTRAST, SATURATION, HUE = 1.3, 0.65, 1.35, -0.08
OPERATIONS = {
    "brightness": (F.adjust_brightness, [0.6, 1.4]),
    "contrast": (F.adjust_contrast, [0.6, 1.4]),
    "saturation": (F.adjust_saturation, [0.0, 0.6, 1.4]),
    "hue": (F.adjust_hue, [-0.5, -0.1, 0.03, 0.1, 0.4]),
}


def level(values):
    return (values * 255).round().to(torch.uint8)


# Smooth colours, noise, a gray ramp, pure colours and black: hue has its corner cases there.
y, x = torch.meshgrid(torch.arange(SIDE) / SIDE, torch.arange(SIDE) / SIDE, indexing="ij")
picture = level(torch.stack([0.5 + 0.5 * torch.sin(5 * x + 3 * y), 0.5 + 0.5 * torch.cos(7 * x * y + 1), (x + y) / 2]))
picture[:, 20:28] = level((hashed("noise", (3, 8, SIDE)) + 1) / 2)
picture[:, 28:32] = level(x[28:32])
picture[:, 32:36, :24] = torch.tensor([255, 0, 0], dtype=torch.uint8).view(3, 1, 1)
picture[:, 32:36, 24:] = torch.tensor([0, 255, 255], dtype=torch.uint8).view(3, 1, 1)
picture[:, 36:38] = 0
image = picture.double() / 255

stored = {"picture": picture}
for name, (operation, factors) in OPERATIONS.items():
    for factor in factors:
        stored[f"{name}.{factor}"] = operation(image, factor)
stored["grayscale"] = F.rgb_to_grayscale(image, 3)
stored["solarize"] = F.solarize(image, 0.5)
for sigma in [0.7, 2.0, 8.0]:
    # The kernel of this resolution: radius 11 · 48 / 224 rounded, sigma in the same proportion.
    stored[f"blur.{sigma}"] = F.gaussian_blur(image, 2 * round(11 * SIDE / 224) + 1, sigma * SIDE / 224)
steps = [lambda i: F.adjust_brightness(i, BRIGHTNESS), lambda i: F.adjust_contrast(i, CONTRAST),
         lambda i: F.adjust_saturation(i, SATURATION), lambda i: F.adjust_hue(i, HUE)]
for order in itertools.permutations(range(4)):
    result = image
    for step in order:
        result = steps[step](result)
    # A quarter of the picture, which holds every kind of content, keeps the file small.
    stored["order." + "".join(map(str, order))] = result[:, 1::2, 1::2]
save(os.path.join(HERE, "values.safetensors"),
     {name: tensor if tensor.dtype == torch.uint8 else tensor.float() for name, tensor in stored.items()},
     {"torch": torch.__version__, "torchvision": torchvision.__version__})
