"""One tensor of each element type, in a file of another writer than ours. Run: python3 generate.py. Written with torch 1.13.1."""

import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tensors import TYPES, save

HERE = os.path.dirname(os.path.abspath(__file__))
numbers = torch.arange(6).reshape(2, 3)
save(os.path.join(HERE, "types.safetensors"),
     {f"{text.lower()}.name": (numbers % 2 == 1) if text == "BOOL" else (numbers * 3).to(dtype) for dtype, text in TYPES.items()}
     | {"scalar": torch.tensor(2.5), "none": torch.zeros(0, 4)},
     {"writer": "tests/Parity", "sign": "α"})
