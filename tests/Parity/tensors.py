"""What the generators share: a writer of safetensors files, and numbers that S3L.Testing computes alike (HashedNumbers.cs)."""

import json
import math
import struct

import numpy
import torch

TYPES = {torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16", torch.int32: "I32", torch.int64: "I64",
         torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64"}


def save(path, tensors, metadata=None):
    """Writes tensors in the order given: 8 bytes of header length, the header in JSON, the bytes."""
    header, data = {}, []
    if metadata:
        header["__metadata__"] = metadata
    offset = 0
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
        data.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def hashed(name, shape):
    """Numbers in [-1, 1), each a multiple of 2^-23: FNV-1a of the name, plus the index, through a 32-bit integer hash."""
    key = 2166136261
    for byte in name.encode():
        key = (key ^ byte) * 16777619 & 0xFFFFFFFF
    x = numpy.arange(math.prod(shape), dtype=numpy.uint32) * numpy.uint32(2654435769) + numpy.uint32(key)
    x = (x ^ (x >> numpy.uint32(16))) * numpy.uint32(0x7FEB352D)
    x = (x ^ (x >> numpy.uint32(15))) * numpy.uint32(0x846CA68B)
    x = x ^ (x >> numpy.uint32(16))
    return torch.from_numpy((x >> numpy.uint32(8)).astype(numpy.float64) / 2**23 - 1).reshape(shape)


def weight(name, shape):
    """
    Kaiming-like for convolutions and linear layers, 1 ± 0.2 for scales and variances, ± 0.1 for shifts and means, 0 for counters.
    The scale of a block's last normalisations is a quarter: with strong blocks a random network with batch statistics is chaotic, so
    that ten steps, or 152 layers, tell nothing of any two float32 programs. A convolution of single channels goes by its fan-in, as else
    nothing of the picture would arrive in evaluation.
    """
    if len(shape) == 0:
        return torch.zeros(shape, dtype=torch.int64)
    numbers = hashed(name, shape)
    if len(shape) == 4:
        return numbers * math.sqrt(6 / ((shape[0] if shape[1] > 1 else 1) * shape[2] * shape[3]))
    if len(shape) == 2:
        return numbers * math.sqrt(3 / shape[1])
    if name.endswith(("bias", "running_mean")):
        return numbers * 0.1
    return (1 + numbers * 0.2) * (0.25 if name.endswith((".bn2.weight", ".bn3.weight")) else 1)


def fill(module):
    """Gives every entry of a state dict its number."""
    module.load_state_dict({name: weight(name, tuple(tensor.shape)) for name, tensor in module.state_dict().items()})
    return module


def digest(tensor, most=64):
    """The whole tensor if small, else evenly spaced elements; the norm of the whole comes last."""
    flat = tensor.detach().double().flatten()
    step = -(-flat.numel() // most)
    return torch.cat([flat[::step], flat.norm().reshape(1)]).float()
