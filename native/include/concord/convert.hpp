// Conversion of stored rows (IEEE float16, bfloat16, float32) to float32 and back, and the checksum
// of their bytes. This work is bound by memory: its measure is bytes of stored rows per second.
#pragma once
#include <cstddef>
#include <cstdint>

namespace concord {

enum class Stored : std::int32_t { float16 = 0, bfloat16 = 1, float32 = 2 };

constexpr int stored_bytes(Stored type) { return type == Stored::float32 ? 4 : 2; }

/// Stored rows that may lie in several pieces: row r is row r % rows_per_chunk of chunk r /
/// rows_per_chunk. Chunks are row-major and aligned to the size of their numbers.
struct RowChunks {
  char* const* chunks;
  long rows_per_chunk;
};

/// out_i = float32 of row index_i, exactly. A NaN stays a NaN; its payload is not specified.
struct WidenRows {
  RowChunks rows;
  Stored type;
  int columns;
  const std::int32_t* index;  // [count], or null: rows first, first + 1, ...
  long first;
  int count;
  float* out;  // [count, columns]
};

/// Row index_i = row i of `from`. Bytes are moved unchanged. The indices are distinct.
struct PlaceRows {
  const char* from;  // [count, row_bytes]
  RowChunks rows;
  std::size_t row_bytes;
  const std::int32_t* index;  // [count]
  int count;
};

/// out = x rounded to the nearest stored number, ties to even. A number that the type cannot hold
/// (NaN, an infinity, a magnitude above its largest) is written as what it rounds to, and reported.
struct Narrow {
  const float* x;
  long n;
  Stored type;
  void* out;  // [n], or null: only find what cannot be stored
  // Result: the first element that cannot be stored, or -1.
  long bad;
};

/// XXH32 of the bytes (specification: Cyan4973/xxHash, doc/xxhash_spec.md), the same value as
/// src/formats/xxh32.ts. It runs on one thread, because each step of the hash needs the one before.
struct Checksum {
  const unsigned char* bytes;
  std::size_t n;
  std::uint32_t seed;
  // Result.
  std::uint32_t value;
};

void checksum(Checksum& args);

}  // namespace concord
