"""Draws eng/icon.png, the icon of the packages: one shape at three resolutions. Run: python3 eng/icon.py"""
import pathlib
import struct
import zlib

SIZE, PAPER, INK = 128, (246, 244, 238), (196, 74, 38)


def inside(x: float, y: float) -> bool:
    """A ring about the middle, in units of the picture's side."""
    return 0.22 <= ((x - 0.5) ** 2 + (y - 0.5) ** 2) ** 0.5 <= 0.42


def colour(column: int, row: int) -> tuple[int, int, int]:
    cell = (16, 8, 2)[3 * column // SIZE]
    x, y = ((v // cell + 0.5) * cell / SIZE for v in (column, row))
    return INK if inside(x, y) else PAPER


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(bytes(colour(x, y)) for x in range(SIZE)) for y in range(SIZE))
header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
pathlib.Path(__file__).with_name("icon.png").write_bytes(png)
