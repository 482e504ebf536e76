"""A Parquet file of pictures as data sets on the Hugging Face hub are laid out, written by pyarrow.
The pictures are PNGs of 2 x 3 grey pixels, whose values count up from ten times their number. Run
it here: python make_goldens.py."""

import struct
import zlib

import pyarrow as pa
import pyarrow.parquet as pq


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(pixels, height, width):
    lines = b"".join(b"\0" + bytes(pixels[y * width : (y + 1) * width]) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


coded = [png([10 * i + p for p in range(6)], 2, 3) for i in range(4)]
table = pa.table(
    {
        "image": [{"bytes": data, "path": f"{i}.png"} for i, data in enumerate(coded)],
        "raw": pa.array(coded, pa.binary()),
        "label": pa.array([3, 0, 0, 3], pa.int64()),
        "kind": ["spiral", "smooth", "smooth", "spiral"],
    }
)
pq.write_table(table, "pictures.parquet", compression="snappy", row_group_size=3)
