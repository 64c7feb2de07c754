"""
Quantiles of 20,000 boxes that torchvision's RandomResizedCrop draws for several sizes of pictures. Run: python3 generate.py.
Written with torch 1.13.1 and torchvision 0.14.1.
"""

import os
import sys

import numpy
import torch
import torchvision

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import save

HERE = os.path.dirname(os.path.abspath(__file__))
DRAWS, QUANTILES = 20_000, 401
# Usual, tall, square and small; and two so long that the ten tries seldom or never succeed.
SIZES = [(400, 300), (160, 240), (224, 224), (32, 32), (600, 100), (20, 900)]

torch.manual_seed(1)
stored = {}
for width, height in SIZES:
    image = torch.empty(3, height, width)
    boxes = numpy.array([torchvision.transforms.RandomResizedCrop.get_params(image, (0.2, 1.0), (3 / 4, 4 / 3)) for _ in range(DRAWS)])
    top, left, h, w = boxes.astype(numpy.float64).T
    # Position: the share of the room that is left, only where there is room.
    values = {"area": w * h / (width * height), "ratio": numpy.log(w / h),
              "left": (left / numpy.maximum(width - w, 1))[w < width], "top": (top / numpy.maximum(height - h, 1))[h < height]}
    for name, numbers in values.items():
        if len(numbers):
            quantiles = numpy.quantile(numbers, numpy.linspace(0, 1, QUANTILES), method="inverted_cdf")
            stored[f"{width}x{height}.{name}"] = torch.from_numpy(quantiles).float()
save(os.path.join(HERE, "quantiles.safetensors"), stored, {"draws": str(DRAWS), "torchvision": torchvision.__version__})
