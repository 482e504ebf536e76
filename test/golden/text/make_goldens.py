"""Parquet and Zstandard files as pyarrow and zstandard write them, for goldens.test.ts. Run it
here: python make_goldens.py."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

TEXTS = ["One.\nStill one.", "", None, "  Größe \U0001f600 ", "Last." * 50]

for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    table = pa.table(
        {
            "id": list(range(5)),
            "text": pa.array(TEXTS, pa.string()),
            "large": pa.array(TEXTS, pa.large_string()),
            "raw": pa.array([t and t.encode() for t in TEXTS], pa.binary()),
            "words": [["a", "b"]] * 5,
            "meta": [{"text": "inside"}] * 5,
            "category": pa.array(["x", "y", "x", "x", "y"]).dictionary_encode(),
        }
    )
    pq.write_table(table, f"{codec}.parquet", compression=codec, row_group_size=2)

pq.write_table(pa.table({"id": [1, 2]}), "numbers.parquet")

line = [json.dumps({"text": f"Story {i}: " + "word " * (i % 7)}) for i in range(20_000)]
data = ("\n".join(line) + "\n").encode()
compressor = zstandard.ZstdCompressor(level=19, write_checksum=True)
half = data.index(b"\n", len(data) // 2) + 1
# Two frames, as parallel packers write them, with one between that readers skip.
skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
with open("two-frames.jsonl.zst", "wb") as file:
    file.write(compressor.compress(data[:half]) + skipped + compressor.compress(data[half:]))
window = zstandard.ZstdCompressionParameters(window_log=30, compression_level=3)
stream = zstandard.ZstdCompressor(compression_params=window).compressobj()
with open("long-window.txt.zst", "wb") as file:
    file.write(stream.compress(b"text " * 100) + stream.flush())

versions = {"pyarrow": pa.__version__, "zstandard": zstandard.__version__}
with open("versions.json", "w") as file:
    json.dump(versions, file, indent=2)
    file.write("\n")
