"""Writes the pictures that the decoders and the resizing are compared on, and what Pillow makes of them.

Run with Python 3, Pillow 9.4, numpy 1.24 and libturbojpeg.so.0 installed: python3 generate.py
NAME.jpg, .png or .webp is a picture; NAME.ppm beside it is what it must decode to: upright RGB, transparency over white.
"""

import ctypes
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files")
WIDTH, HEIGHT = 22, 13


def picture(width=WIDTH, height=HEIGHT, channels=3, seed=0):
    """Smooth colours with a little noise: asymmetric, so that a wrong turn shows."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / width * (2 + c) + c) * np.cos(y / height * (3 - c) + 0.7 * c) for c in range(channels)]
    noise = np.random.default_rng(seed).normal(0, 3, (height, width, channels))
    return np.clip(127 + 110 * np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


def path(name):
    return os.path.join(HERE, name)


def over_white(rgba):
    rgba = rgba.astype(np.int64)
    alpha = rgba[..., 3:]
    return ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def expect(name, rgb):
    Image.fromarray(np.ascontiguousarray(rgb), "RGB").save(path(name + ".ppm"))


def expect_pillow(name, extension):
    """What Pillow itself reads, upright and over white."""
    image = ImageOps.exif_transpose(Image.open(path(name + extension)))
    if "A" in image.getbands() or "transparency" in image.info:
        expect(name, over_white(np.asarray(image.convert("RGBA"))))
    else:
        expect(name, np.asarray(image.convert("RGB")))


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def ycck(pixels, quality):
    """TurboJPEG turns CMYK into YCCK; Pillow cannot write that."""
    turbo = ctypes.CDLL("libturbojpeg.so.0")
    turbo.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(turbo.tjInitCompress())
    data, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong()
    cmyk_format, subsampling_444 = 11, 0
    raw = np.ascontiguousarray(pixels)
    status = turbo.tjCompress2(handle, raw.ctypes.data_as(ctypes.c_void_p), raw.shape[1], 0, raw.shape[0], cmyk_format,
                               ctypes.byref(data), ctypes.byref(size), subsampling_444, quality, 0)
    assert status == 0
    return bytes(data[: size.value])


def without_segment(jpeg, marker):
    """The same JPEG with one kind of marker segment cut out of its header."""
    out, at = bytearray(jpeg[:2]), 2
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0] + 2
        if jpeg[at + 1] != marker:
            out += jpeg[at : at + length]
        at += length
    return bytes(out) + jpeg[at:]


def write_jpeg():
    rgb = Image.fromarray(picture())
    rgb.save(path("rgb-444.jpg"), quality=90, subsampling=0)
    rgb.save(path("rgb-420.jpg"), quality=90, subsampling=2)
    rgb.save(path("progressive.jpg"), quality=90, subsampling=2, progressive=True)
    Image.fromarray(picture()[..., 0]).save(path("gray.jpg"), quality=90)
    Image.fromarray(picture(channels=4), "CMYK").save(path("cmyk.jpg"), quality=90)
    with open(path("ycck.jpg"), "wb") as file:
        file.write(ycck(picture(channels=4), 90))
    for orientation in range(1, 9):
        rgb.save(path(f"turned-{orientation}.jpg"), quality=90, subsampling=0, exif=exif(orientation))
    names = ["rgb-444", "rgb-420", "progressive", "gray", "cmyk", "ycck"] + [f"turned-{o}" for o in range(1, 9)]
    for name in names:
        expect_pillow(name, ".jpg")

    # Without Adobe's marker the values are not inverted. Pillow inverts them all the same, so its inversion is taken back.
    with open(path("cmyk.jpg"), "rb") as file:
        plain = without_segment(file.read(), 0xEE)
    with open(path("cmyk-plain.jpg"), "wb") as file:
        file.write(plain)
    stored = 255 - np.asarray(Image.open(path("cmyk-plain.jpg")))
    expect("cmyk-plain", np.asarray(Image.fromarray(stored, "CMYK").convert("RGB")))

    large = Image.fromarray(picture(200, 120))
    large.save(path("large.jpg"), quality=80, subsampling=2, exif=exif(6))
    reduced = Image.open(path("large.jpg"))
    reduced.draft("RGB", (50, 30))
    assert reduced.size == (50, 30)
    expect("large-quarter", np.asarray(ImageOps.exif_transpose(reduced)))


def png(name, samples, depth, colour_type, palette=None, transparency=None, interlaced=False):
    """A PNG of any depth and colour type; samples are [row, column, channel] of values below 2 ** depth."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def rows(part):
        flat = part.reshape(part.shape[0], -1)
        if depth == 16:
            return b"".join(b"\0" + row.astype(">u2").tobytes() for row in flat)
        bits = (flat[..., None].astype(np.uint8) >> np.arange(depth - 1, -1, -1)) & 1
        return b"".join(b"\0" + np.packbits(row.reshape(-1)).tobytes() for row in bits)

    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [samples[y::dy, x::dx] for y, x, dy, dx in passes] if interlaced else [samples]
    data = b"".join(rows(part) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, colour_type, 0, 0, int(interlaced))
    with open(path(name + ".png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        if palette is not None:
            file.write(chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
        if transparency is not None:
            file.write(chunk(b"tRNS", transparency))
        file.write(chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def write_png():
    gray, rgb = picture()[..., :1], picture()
    alpha = picture(channels=5)[..., 4:]
    wide = (picture(seed=1).astype(np.int64) * 257 + picture(seed=2)) % 65536
    wide_alpha = alpha.astype(np.int64) * 257
    to8 = lambda values: ((values * 255 + 32767) // 65535).astype(np.uint8)
    gray_as_rgb = lambda values: np.repeat(values, 3, -1)

    for depth in (1, 2, 4, 8):
        level = gray >> (8 - depth)
        png(f"gray-{depth}", level, depth, 0)
        expect(f"gray-{depth}", gray_as_rgb(level * (255 // (2**depth - 1))))
        colours = np.random.default_rng(depth).integers(0, 256, (2**depth, 3))
        png(f"palette-{depth}", level, depth, 3, palette=colours)
        expect(f"palette-{depth}", colours[level[..., 0]].astype(np.uint8))
    png("gray-16", wide[..., :1], 16, 0)
    expect("gray-16", gray_as_rgb(to8(wide[..., :1])))
    png("rgb-8", rgb, 8, 2)
    expect("rgb-8", rgb)
    png("rgb-8-interlaced", rgb, 8, 2, interlaced=True)
    expect("rgb-8-interlaced", rgb)
    png("rgb-16", wide, 16, 2)
    expect("rgb-16", to8(wide))
    png("gray-alpha-8", np.concatenate([gray, alpha], -1), 8, 4)
    expect("gray-alpha-8", over_white(np.concatenate([gray_as_rgb(gray), alpha], -1)))
    png("gray-alpha-16", np.concatenate([wide[..., :1], wide_alpha], -1), 16, 4)
    expect("gray-alpha-16", over_white(np.concatenate([gray_as_rgb(to8(wide[..., :1])), alpha], -1)))
    png("rgba-8", np.concatenate([rgb, alpha], -1), 8, 6)
    expect("rgba-8", over_white(np.concatenate([rgb, alpha], -1)))
    png("rgba-16", np.concatenate([wide, wide_alpha], -1), 16, 6)
    expect("rgba-16", over_white(np.concatenate([to8(wide), alpha], -1)))

    few = gray >> 4
    colours = np.random.default_rng(9).integers(0, 256, (16, 3))
    fading = np.arange(16, dtype=np.uint8) * 17
    png("palette-transparent", few, 4, 3, palette=colours, transparency=fading.tobytes())
    expect("palette-transparent", over_white(np.concatenate([colours[few[..., 0]], fading[few]], -1)))
    png("gray-key", few, 4, 0, transparency=struct.pack(">H", 9))
    expect("gray-key", np.where(few == 9, 255, gray_as_rgb(few * 17)).astype(np.uint8))
    key = rgb[4, 5]
    png("rgb-key", rgb, 8, 2, transparency=struct.pack(">HHH", *key))
    expect("rgb-key", np.where((rgb == key).all(-1, keepdims=True), 255, rgb).astype(np.uint8))

    # Pillow reads what this file wrote as it was meant, wherever it keeps eight bits.
    for name in ["gray-1", "gray-2", "gray-4", "gray-8", "palette-4", "rgb-8-interlaced", "rgba-8", "palette-transparent"]:
        meant = np.asarray(Image.open(path(name + ".ppm")))
        expect_pillow(name, ".png")
        assert (np.asarray(Image.open(path(name + ".ppm"))) == meant).all(), name

    for orientation in range(1, 9):
        Image.fromarray(rgb).save(path(f"turned-{orientation}-png.png"), exif=exif(orientation))
        expect_pillow(f"turned-{orientation}-png", ".png")
    frames = [Image.fromarray(picture(seed=seed)) for seed in range(2)]
    frames[0].save(path("animated.png"), save_all=True, append_images=frames[1:])


def write_webp():
    rgb, rgba = Image.fromarray(picture()), Image.fromarray(picture(channels=4), "RGBA")
    rgb.save(path("lossy.webp"), quality=80)
    rgb.save(path("lossless.webp"), lossless=True)
    rgba.save(path("lossy-alpha.webp"), quality=80)
    rgba.save(path("lossless-alpha.webp"), lossless=True)
    names = ["lossy", "lossless", "lossy-alpha", "lossless-alpha"]
    for orientation in range(1, 9):
        rgb.save(path(f"turned-{orientation}-webp.webp"), lossless=True, exif=exif(orientation))
        names.append(f"turned-{orientation}-webp")
    for name in names:
        expect_pillow(name, ".webp")
    frames = [Image.fromarray(picture(seed=seed)) for seed in range(2)]
    frames[0].save(path("animated.webp"), save_all=True, append_images=frames[1:])


def write_resize():
    """resize-W-H.ppm is a source, resize-W-H-to-S.ppm the square that Pillow makes of it."""
    noisy = np.random.default_rng(5)
    for width, height, sizes in [(96, 61, (8, 17, 48)), (40, 40, (40, 20)), (21, 13, (40, 21)), (5, 70, (16,)), (1, 1, (3,))]:
        pixels = np.clip(picture(width, height).astype(np.int64) + noisy.integers(-60, 60, (height, width, 3)), 0, 255).astype(np.uint8)
        source = Image.fromarray(pixels)
        source.save(path(f"resize-{width}-{height}.ppm"))
        for size in sizes:
            source.resize((size, size), Image.BILINEAR).save(path(f"resize-{width}-{height}-to-{size}.ppm"))


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    write_jpeg()
    write_png()
    write_webp()
    write_resize()
