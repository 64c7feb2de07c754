"""
Crops of photographs as torchvision makes them from the full picture. Run: python3 generate.py FOLDER, where FOLDER holds photographs
(ours: github alexeygrigorev/clothing-dataset-small, free for any use, shorter side 160). Without FOLDER, the photographs that are
already here are used again. Written with torch 1.13.1, torchvision 0.14.1 and Pillow 9.4.
"""

import glob
import os
import sys

import numpy
import torch
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import RandomResizedCrop

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import save

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURES, BOXES, LARGEST_FILE = 6, 4, 10_000


def choose(folder):
    """The picture with most detail of each of the first classes, by variance of neighbouring pixels' differences."""
    for old in glob.glob(os.path.join(HERE, "*.jpg")):
        os.remove(old)
    chosen = {}
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.jpg"), recursive=True)):
        if os.path.getsize(path) > LARGEST_FILE:
            continue
        picture = numpy.asarray(Image.open(path).convert("RGB")).astype(float)
        kind = os.path.basename(os.path.dirname(path))
        chosen[kind] = max(chosen.get(kind, (0, "")), (numpy.abs(numpy.diff(picture, axis=1)).mean(), path))
    for i, kind in enumerate(sorted(chosen)[:PICTURES]):
        with open(chosen[kind][1], "rb") as source, open(os.path.join(HERE, f"photograph-{i}.jpg"), "wb") as copy:
            copy.write(source.read())


if len(sys.argv) > 1:
    choose(sys.argv[1])
torch.manual_seed(3)
stored = {}
for i, path in enumerate(sorted(glob.glob(os.path.join(HERE, "photograph-*.jpg")))):
    image = Image.open(path).convert("RGB")
    tensor = F.pil_to_tensor(image)
    width, height = image.size
    for resolution in [56, 112]:
        boxes = [RandomResizedCrop.get_params(image, (0.2, 1.0), (3 / 4, 4 / 3)) for _ in range(BOXES if resolution == 56 else 2)]
        for number, (top, left, h, w) in enumerate(boxes):
            name = f"{i}.{resolution}.{number}"
            stored[name + ".box"] = torch.tensor([left, top, left + w, top + h])
            stored[name + ".size"] = torch.tensor([width, height])
            stored[name] = F.resized_crop(tensor, top, left, h, w, [resolution, resolution], antialias=True)
        short = round(resolution * 8 / 7)
        centred = F.center_crop(F.resize(tensor, short, antialias=True), resolution)
        stored[f"{i}.{resolution}.centre"] = centred
save(os.path.join(HERE, "crops.safetensors"), stored)
